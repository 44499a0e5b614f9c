#include <cstdio>

#include <unistd.h>

#include "config/effective.hpp"
#include "config/keys/api_key.hpp"
#include "config/print.hpp"
#include "config/warnings.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/host/control_socket.hpp"

namespace batchd {
namespace {

/// Root asks for the sake of the service, which does not see what root's shell has.
Result<config::ApiKey> find_key(const config::Settings& settings, const std::string& name,
                                const config::Environment& environment) {
    const config::Provider& provider = *config::find_provider(settings, name);
    if (provider.api_key == "none") return config::ApiKey{{}, "nowhere, for none is wanted"};
    // Within the service, whose user may be root as well, the directory is set and the usual search finds
    // what the service has.
    const bool is_for_service = ::geteuid() == 0 && !environment("CREDENTIALS_DIRECTORY");
    if (is_for_service) {
        const auto service = config::find_service_key(Path(config::kDefaultFile).parent_path(), name);
        if (!service) return service.error();
        if (*service) return config::ApiKey{{}, **service};
    }
    auto key = config::find_api_key(settings, name, environment);
    if (key && is_for_service && !provider.api_key_file)
        key->where += "; the service does not see it: write its key to /etc/batchd/api_key" +
                      (name.empty() ? "" : "." + name);
    return key;
}

config::ApiKeys find_keys(const config::Settings& settings) {
    const auto environment = config::system_environment();
    config::ApiKeys keys{{"", find_key(settings, "", environment)}};
    for (const auto& [name, provider] : settings.providers)
        keys.emplace(name, find_key(settings, name, environment));
    return keys;
}

}  // namespace

ExitCode print_configuration(const ConfigCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (const auto wrong = wrong_control(*loaded)) {
        std::fprintf(stderr, "batchd: %s\n", wrong->c_str());
        return kExitWrongConfiguration;
    }
    const std::string text = command.shown == ConfigShown::changed
                                 ? config::print_changed(*loaded)
                                 : config::print(*loaded, find_keys(loaded->settings));
    // The settings are printed to be used again as a configuration; warnings would be in the way, and go to
    // standard error.
    std::fputs(text.c_str(), stdout);
    for (const std::string& warning : config::warnings(loaded->settings))
        std::fprintf(stderr, "batchd: %s\n", printable(warning).c_str());
    return kExitFine;
}

}  // namespace batchd
