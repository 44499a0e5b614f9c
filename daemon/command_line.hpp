#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/disk/file.hpp"
#include "engine/intake/intake.hpp"
#include "store/tables/commands.hpp"

namespace batchd {

/// What a person asked for on the command line.
struct RunCommand {
    engine::Intake::Mode mode = engine::Intake::Mode::daemon;
};
enum class CheckForm { text, json };
struct CheckCommand {
    std::vector<Path> files;  ///< "-" is standard input
    CheckForm form = CheckForm::text;
};
enum class StatusForm { text, json };
enum class StatusTime { once, watch };
struct StatusCommand {
    std::string job;  ///< its number or NAME; "" for all
    StatusForm form = StatusForm::text;
    StatusTime time = StatusTime::once;
};
/// Something that only the daemon can do.
struct AskCommand {
    store::Verb verb = store::Verb::cancel;
    std::string job;       ///< its number or NAME
    std::string argument;  ///< adopt: the provider's batch id
};
struct RecoverCommand {};
enum class ConfigShown { all, changed };
struct ConfigCommand {
    ConfigShown shown = ConfigShown::all;
};

/// The exit codes of every command.
enum ExitCode : int {
    kExitFine = 0,
    kExitFailed = 1,
    kExitWrongUsage = 2,
    kExitDamagedState = 65,        ///< EX_DATAERR: the database is damaged; likewise
    kExitWrongConfiguration = 78,  ///< EX_CONFIG of sysexits(3): systemd does not restart for it
};

struct CommandLine {
    std::optional<Path> config_file;
    std::variant<RunCommand, CheckCommand, StatusCommand, AskCommand, RecoverCommand, ConfigCommand> command;
};

/// Reads the command line. Where there is nothing left to do (--help, --version, wrong usage) it has printed
/// what there is to say, and answers the exit code instead.
std::variant<CommandLine, ExitCode> parse_command_line(int argc, char** argv);

}  // namespace batchd
