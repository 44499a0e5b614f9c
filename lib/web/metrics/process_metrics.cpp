#include "web/metrics/process_metrics.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace batchd::web {
namespace {

void add_gauge(prometheus::Registry& registry, const char* name, const char* help, double value) {
    prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({}).Set(value);
}

/// The fields of /proc/self/stat behind the name of the program, which may have blanks and parentheses.
/// The first is field 3. Source: proc(5).
std::vector<std::string> stat_fields() {
    std::ifstream file("/proc/self/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::istringstream rest(text.substr(std::min(text.rfind(')') + 1, text.size())));
    return {std::istream_iterator<std::string>(rest), {}};
}

/// When the machine was started, in seconds since 1970; 0 where nobody says.
double boot_time() {
    std::ifstream file("/proc/stat");
    std::string word;
    while (file >> word)
        if (double seconds = 0; word == "btime" && file >> seconds) return seconds;
    return 0;
}

void add_stat(prometheus::Registry& registry) {
    const std::vector<std::string> fields = stat_fields();
    constexpr std::size_t kUser = 11, kSystem = 12, kStart = 19, kVirtual = 20, kResident = 21;
    // An older kernel or another system; what can't be told is left out, and nothing is made up.
    if (fields.size() <= kResident) return;
    const auto number = [&](std::size_t field) { return std::stod(fields[field]); };
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    prometheus::BuildCounter()
        .Name("process_cpu_seconds_total")
        .Help("Time of the processor, of users and system.")
        .Register(registry)
        .Add({})
        .Increment((number(kUser) + number(kSystem)) / ticks);
    add_gauge(registry, "process_virtual_memory_bytes", "Virtual memory.", number(kVirtual));
    add_gauge(registry, "process_resident_memory_bytes", "Resident memory.",
              number(kResident) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    // In a sandbox /proc may hold processes and nothing else.
    if (const double boot = boot_time(); boot > 0)
        add_gauge(registry, "process_start_time_seconds", "When it was started, in seconds since 1970.",
                  boot + number(kStart) / ticks);
}

void add_descriptors(prometheus::Registry& registry) {
    std::error_code ec;
    std::filesystem::directory_iterator open("/proc/self/fd", ec);
    // Without the one by which it is counted.
    if (!ec)
        add_gauge(registry, "process_open_fds", "Open descriptors.",
                  static_cast<double>(std::distance(begin(open), end(open)) - 1));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        add_gauge(registry, "process_max_fds", "The most descriptors it may open.",
                  static_cast<double>(limit.rlim_cur));
}

}  // namespace

std::string process_metrics_text() {
    prometheus::Registry registry;
    add_stat(registry);
    add_descriptors(registry);
    return prometheus::TextSerializer().Serialize(registry.Collect());
}

}  // namespace batchd::web
