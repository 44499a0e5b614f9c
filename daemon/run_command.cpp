#include <cstdio>

#include "commands.hpp"
#include "daemon.hpp"

namespace batchd {

ExitCode run(const RunCommand& command, const CommandLine& line) {
    auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    auto daemon = Daemon::make(std::move(*loaded), line.config_file, command.mode);
    if (!daemon) {
        std::fprintf(stderr, "batchd: %s\n", to_string(daemon.error()).c_str());
        return kExitFailed;
    }
    const bool all_done = (*daemon)->run();
    return command.mode == engine::Intake::Mode::once && !all_done ? kExitFailed : kExitFine;
}

}  // namespace batchd
