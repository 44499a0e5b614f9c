#include "http/scripted_names.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include <dlfcn.h>
#include <netdb.h>

namespace batchd::testing {

struct ScriptedNames::Script {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, std::vector<std::string>> addresses;
    std::set<std::string> silent;
    unsigned hanging = 0;
};

ScriptedNames::Script& ScriptedNames::script() {
    static Script script;
    return script;
}

ScriptedNames::ScriptedNames() = default;

ScriptedNames::~ScriptedNames() {
    Script& it = script();
    std::unique_lock lock(it.mutex);
    it.silent.clear();
    it.changed.notify_all();
    it.changed.wait(lock, [&] { return it.hanging == 0; });
    it.addresses.clear();
}

void ScriptedNames::answer(const std::string& name, std::vector<std::string> addresses) {
    const std::scoped_lock lock(script().mutex);
    script().addresses[name] = std::move(addresses);
}

void ScriptedNames::hang(const std::string& name) {
    const std::scoped_lock lock(script().mutex);
    script().addresses[name] = {};
    script().silent.insert(name);
}

std::optional<std::vector<std::string>> ScriptedNames::look_up(const std::string& name) {
    Script& it = script();
    std::unique_lock lock(it.mutex);
    const auto found = it.addresses.find(name);
    if (found == it.addresses.end()) return std::nullopt;
    auto addresses = found->second;
    ++it.hanging;
    it.changed.wait(lock, [&] { return !it.silent.contains(name); });
    --it.hanging;
    it.changed.notify_all();
    return addresses;
}

}  // namespace batchd::testing

/// Stands before libc's. Each address is looked up as a number, and the lists are joined.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto next = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
    std::optional<std::vector<std::string>> addresses;
    if (name != nullptr) addresses = batchd::testing::ScriptedNames::look_up(name);
    if (!addresses) return next(name, service, hints, result);
    *result = nullptr;
    addrinfo** end = result;
    for (const std::string& address : *addresses) {
        if (next(address.c_str(), service, hints, end) != 0) continue;
        while (*end != nullptr) end = &(*end)->ai_next;
    }
    return *result == nullptr ? EAI_AGAIN : 0;
}
