#include <cstdio>

#include <unistd.h>

#include "commands.hpp"
#include "config/keys/api_key.hpp"
#include "config/print.hpp"
#include "config/warnings.hpp"
#include "control_socket.hpp"

namespace batchd {

std::optional<config::Loaded> load_configuration(const std::optional<Path>& file) {
    auto loaded = config::load(file, config::system_environment());
    if (loaded) return std::move(*loaded);
    for (const config::Problem& problem : loaded.error())
        std::fprintf(stderr, "batchd: %s\n", config::to_string(problem).c_str());
    return std::nullopt;
}

namespace {

/// Root asks for the sake of the service, which does not see what root's shell has.
Result<config::ApiKey> find_key(const config::Settings& settings, const config::Environment& environment) {
    if (::geteuid() == 0 && !environment("CREDENTIALS_DIRECTORY")) {
        const auto service = config::find_service_key(Path(config::kDefaultFile).parent_path());
        if (!service) return service.error();
        if (*service) return config::ApiKey{{}, **service};
    }
    auto key = config::find_api_key(settings, environment);
    if (key && ::geteuid() == 0 && !settings.provider.api_key_file && !environment("CREDENTIALS_DIRECTORY"))
        key->where += "; the service does not see it: write its key to /etc/batchd/api_key";
    return key;
}

}  // namespace

ExitCode print_configuration(const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (const auto wrong = wrong_control(*loaded)) {
        std::fprintf(stderr, "batchd: %s\n", wrong->c_str());
        return kExitWrongConfiguration;
    }
    const auto key = find_key(loaded->settings, config::system_environment());
    std::fputs(config::print(*loaded, key).c_str(), stdout);
    for (const std::string& warning : config::warnings(loaded->settings))
        std::fprintf(stderr, "batchd: %s\n", printable(warning).c_str());
    return kExitFine;
}

}  // namespace batchd
