#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/file.hpp"
#include "engine/intake.hpp"

namespace batchd {

/// What a person asked for on the command line.
struct RunCommand {
    engine::Intake::Mode mode = engine::Intake::Mode::daemon;
};
struct CheckCommand {
    std::vector<Path> files;
};
struct RecoverCommand {};
struct ConfigCommand {};

/// The exit codes of every command.
enum ExitCode : int {
    kExitFine = 0,
    kExitFailed = 1,
    kExitWrongUsage = 2,
    kExitWrongConfiguration = 78,  ///< EX_CONFIG of sysexits(3): systemd does not restart for it
};

struct CommandLine {
    std::optional<Path> config_file;
    std::variant<RunCommand, CheckCommand, RecoverCommand, ConfigCommand> command;
};

/// Reads the command line. Where there is nothing left to do (--help, --version, wrong usage) it has printed
/// what there is to say, and answers the exit code instead.
std::variant<CommandLine, ExitCode> parse_command_line(int argc, char** argv);

}  // namespace batchd
