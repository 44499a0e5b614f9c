#include "config/environment.hpp"

#include <cstdlib>

namespace batchd::config {

Environment system_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* const value = std::getenv(std::string(name).c_str());
        // A variable that is set to nothing is how a unit or a container unsets it.
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    };
}

// By value, and with the same rule about empty ones: what a test shows holds for the process.
Environment fixed_environment(std::map<std::string, std::string, std::less<>> variables) {
    return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end() || found->second.empty()) return std::nullopt;
        return found->second;
    };
}

}  // namespace batchd::config
