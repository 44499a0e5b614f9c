#include <cstdio>

#include "commands.hpp"
#include "config/api_key.hpp"
#include "config/print.hpp"

namespace batchd {

std::optional<config::Loaded> load_configuration(const std::optional<Path>& file) {
    auto loaded = config::load(file, config::system_environment());
    if (loaded) return std::move(*loaded);
    for (const config::Problem& problem : loaded.error())
        std::fprintf(stderr, "batchd: %s\n", config::to_string(problem).c_str());
    return std::nullopt;
}

ExitCode print_configuration(const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto key = config::find_api_key(loaded->settings, config::system_environment());
    std::fputs(config::print(*loaded, key).c_str(), stdout);
    return kExitFine;
}

}  // namespace batchd
