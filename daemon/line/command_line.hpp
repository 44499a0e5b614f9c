#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/disk/file.hpp"
#include "config/settings.hpp"
#include "daemon/console/exit_code.hpp"
#include "engine/intake/intake.hpp"
#include "store/query/spending.hpp"
#include "store/tables/commands.hpp"

namespace batchd {

/// What a person asked for on the command line.
struct RunCommand {
    engine::Intake::Mode mode = engine::Intake::Mode::daemon;
};
/// For people, or for programs.
enum class CheckForm { text, json };
/// Files that are looked at without a daemon, a database or a provider.
struct CheckCommand {
    std::vector<Path> files;  ///< "-" is standard input
    CheckForm form = CheckForm::text;
    /// The rules say what may be sent, and so what is wrong with a line.
    std::string queue{config::kDefaultQueue};  ///< under whose rules
};
/// For people, or for programs.
enum class StatusForm { text, json };
/// Shown once, or again whenever it changes. Whoever watches asks the database again and again; the daemon
/// has no part in it.
enum class StatusTime { once, watch };
/// The state, which is only read.
struct StatusCommand {
    std::string job;  ///< its number or NAME; "" for all
    StatusForm form = StatusForm::text;
    StatusTime time = StatusTime::once;
};
/// Something that only the daemon can do.
struct AskCommand {
    store::Verb verb = store::Verb::cancel;
    std::string job;       ///< its number or NAME
    std::string argument;  ///< adopt: the provider's batch id; release: the queue
    /// It has to be said expressly, for it may spend what somebody has set a limit to.
    bool over_budget = false;  ///< release: what waits for money as well
};
/// For people, or for programs; all of the commands below have the same --json.
enum class Form { text, json };
/// Copies files into the inbox.
struct SubmitCommand {
    std::vector<Path> files;
    std::string queue{config::kDefaultQueue};
    std::string name;   ///< instead of the file's; "": that of the file
    bool wait = false;  ///< until the jobs have ended
    Form form = Form::text;
};
/// Waits until jobs have ended.
struct WaitCommand {
    /// Numbers or NAMEs. What is not a number is a NAME, of which the newest job counts.
    std::vector<std::string> jobs;
    /// Nothing: for as long as it takes, which may be days.
    std::optional<Millis> timeout;
    Form form = Form::text;
};
/// What happened, from the database.
struct EventsCommand {
    std::string job;  ///< "": of all, and of the daemon
    bool follow = false;
    TimePoint since{};
    Form form = Form::text;
};
/// What each queue has waiting and running.
struct QueuesCommand {
    Form form = Form::text;
};
/// What was used and paid, from the database.
struct CostCommand {
    store::SpendingBy by = store::SpendingBy::day;
    TimePoint since{};
    Form form = Form::text;
};
/// Sends one message to a target of notices.
struct NotifyTestCommand {
    std::string name;  ///< of [notify.NAME]
};
/// The service that runs the commands of [notify.NAME].
struct HooksCommand {
    std::optional<Path> state;  ///< its folder; nothing: that of the service
    unsigned at_once = 4;       ///< commands that may run at the same time
};
/// A lost or damaged database is made again. Not while the daemon runs.
struct RecoverCommand {};
/// The configuration in force, and where each value comes from.
enum class ConfigShown { all, changed };
struct ConfigCommand {
    ConfigShown shown = ConfigShown::all;
};

/// The page, or the link to the one that runs. The link has the token that lets a browser in, and so it is
/// for whoever may read the daemon's state.
struct WebCommand {
    bool link = false;
};

/// Exactly one command; that there is one was seen to while it was parsed.
struct CommandLine {
    using Command = std::variant<RunCommand, CheckCommand, StatusCommand, AskCommand, SubmitCommand,
                                 WaitCommand, EventsCommand, QueuesCommand, CostCommand, NotifyTestCommand,
                                 HooksCommand, RecoverCommand, ConfigCommand, WebCommand>;

    /// As --config has it; nothing: the default file, which need not be there.
    std::optional<Path> config_file;
    Command command;
};

/// Reads the command line. Where there is nothing left to do (--help, --version, wrong usage) it has printed
/// what there is to say, and answers the exit code instead.
std::variant<CommandLine, ExitCode> parse_command_line(int argc, char** argv);

}  // namespace batchd
