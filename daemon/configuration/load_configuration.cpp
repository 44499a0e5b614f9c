#include "daemon/configuration/load_configuration.hpp"

#include <cstdio>

#include "daemon/configuration/configuration_checks.hpp"

namespace batchd {

std::optional<config::Loaded> load_configuration(const std::optional<Path>& file) {
    auto loaded = config::load(file, config::system_environment(), configuration_checks());
    if (loaded) return std::move(*loaded);
    for (const config::Problem& problem : loaded.error())
        std::fprintf(stderr, "batchd: %s\n", config::to_string(problem).c_str());
    return std::nullopt;
}

}  // namespace batchd
