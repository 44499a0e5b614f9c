#include "daemon/line/command_line.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "base/text/edit_distance.hpp"
#include "daemon/line/job_command_line.hpp"

namespace batchd {

namespace {

/// The first word that is no option: the command, right or wrong; "" where there is none.
std::string first_word(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--config")
            ++i;
        else if (!word.starts_with('-'))
            return word;
    }
    return {};
}

/// What stands before the command and is none of our options, or "": CLI11 would take what follows for the
/// command.
std::string unknown_option(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (!word.starts_with('-')) return {};
        if (word == "--config")
            ++i;
        else if (word != "--version" && word != "--help" && word != "-h" && !word.starts_with("--config="))
            return word;
    }
    return {};
}

/// "there is no command stauts; did you mean status?", or nothing where there is one.
std::optional<std::string> wrong_command(const CLI::App& app, const std::string& word) {
    constexpr std::size_t kFarthest = 2;  // typing errors
    // The distance takes time in the product of both lengths, and no command is nearly as long.
    if (word.empty() || word.size() > 64) return std::nullopt;
    std::string nearest;
    std::size_t least = kFarthest + 1;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        const std::size_t distance = edit_distance(word, command->get_name());
        // The command exists, so whatever is wrong is about its arguments, which CLI11 explains.
        if (distance == 0) return std::nullopt;
        if (distance < least) nearest = command->get_name(), least = distance;
    }
    return "there is no command " + printable(word) +
           (nearest.empty() ? "; batchd --help lists those that there are"
                            : "; did you mean " + nearest + "?");
}

/// What needs no parser, or what CLI11 would say in words that do not help.
std::optional<ExitCode> answer_unparsed(const CLI::App& app, int argc, char** argv) {
    const std::string word = first_word(argc, argv);
    if (word == "help") {
        std::fputs(app.help().c_str(), stdout);
        return kExitFine;
    }
    std::string wrong;
    if (const std::string option = unknown_option(argc, argv); !option.empty())
        wrong = "there is no option " + printable(option) +
                " before the command; batchd --help lists those that there are";
    else if (auto command = wrong_command(app, word))
        wrong = std::move(*command);
    if (!wrong.empty()) {
        std::fprintf(stderr, "batchd: %s\n", wrong.c_str());
        return kExitWrongUsage;
    }
    const bool asks = std::any_of(argv + 1, argv + argc, [](std::string_view option) {
        return option == "--help" || option == "-h" || option == "--version";
    });
    if (!word.empty() || asks) return std::nullopt;
    // To standard error, and as wrong usage: a script that lost its arguments must not succeed.
    std::fputs(app.help().c_str(), stderr);
    return kExitWrongUsage;
}

/// The commands that ask the daemon for something. Must not be moved once it is made, as the parser points
/// into it.
class AskCommandLine {
public:
    explicit AskCommandLine(CLI::App& app) {
        add(app, store::Verb::cancel, "stop a job; what was answered by then is delivered");
        add(app, store::Verb::retry, "send the failed requests of an ended job again, as a new job");
        add(app, store::Verb::abandon, "give up what is held of a job; its requests end as batch_gone");
        CLI::App* const adopt = add(app, store::Verb::adopt,
                                    "say which batch at the provider is the one of a job that is in doubt");
        adopt->add_option("BATCH_ID", ask_.argument, "the provider's id of the batch")->required();
        add(app, store::Verb::resend,
            "say that nothing of a job's batches in doubt ran: they are sent again");
        CLI::App* const release = app.add_subcommand("release", "send what waits in a queue now");
        release->add_option("QUEUE", ask_.argument, "the queue's name")->required();
        release->add_flag("--over-budget", ask_.over_budget, "what waits for money as well");
        take_note(release, store::Verb::release);
    }
    AskCommandLine(const AskCommandLine&) = delete;
    AskCommandLine& operator=(const AskCommandLine&) = delete;

    /// What was asked for; nothing: the command is another one.
    std::optional<AskCommand> given() const { return is_given_ ? std::optional(ask_) : std::nullopt; }

private:
    // The verbs are those of the table `commands`, so that a command is called in the shell as in the
    // database.
    CLI::App* add(CLI::App& app, store::Verb verb, const char* what) {
        CLI::App* const command = app.add_subcommand(std::string(to_string(verb)), what);
        command->add_option("JOB", ask_.job, "a job's number or NAME")->required();
        take_note(command, verb);
        return command;
    }
    void take_note(CLI::App* command, store::Verb verb) {
        command->callback([this, verb] {
            ask_.verb = verb;
            is_given_ = true;
        });
    }

    AskCommand ask_;
    bool is_given_ = false;
};

/// What holds for every command; the option that names the configuration file.
CLI::Option* describe(CLI::App& app, Path& config_file) {
    app.name("batchd");
    app.set_version_flag("--version", "batchd " BATCHD_VERSION);
    // Nothing is done by default: the bare word would else start a daemon that somebody wanted to ask. One
    // command a call, for each has an exit code of its own.
    app.require_subcommand(1);
    app.fallthrough();  // --config may stand behind the command as well
    app.footer(
        "Exit codes: 0 fine, 1 it failed, 2 wrong usage, 3 wait: the time is up, 65 the database is damaged, "
        "78 wrong "
        "configuration.");
    return app.add_option("--config", config_file, "configuration file (default /etc/batchd/batchd.toml)")
        ->type_name("FILE");
}

CLI::App* add_check(CLI::App& app, CheckCommand& command, bool& json) {
    CLI::App* check = app.add_subcommand("check", "validate files offline, and show the plan for them");
    check->add_option("FILE", command.files, "JSONL files of requests; - is standard input")->required();
    check->add_option("--queue", command.queue, "check as this queue would (default: default)");
    check->add_flag("--json", json, "for programs; README.md has the shape");
    return check;
}

CLI::App* add_status(CLI::App& app, StatusCommand& command, bool& json, bool& watch) {
    CLI::App* status =
        app.add_subcommand("status", "the jobs and how far they are; with JOB its batches and events");
    status->add_option("JOB", command.job, "a job's number or NAME");
    status->add_flag("--watch", watch,
                     "show it again whenever it changes, until q, Ctrl-C or the end of JOB");
    status->add_flag("--json", json, "for programs; README.md has the shape");
    return status;
}

/// Nothing: it was understood, and what it asks for is to be done.
std::optional<ExitCode> parse(CLI::App& app, int argc, char** argv) {
    if (const auto answer = answer_unparsed(app, argc, argv)) return answer;
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 has codes of its own, which would be taken for ours.
        const int code = app.exit(error);  // prints the help, the version or what is wrong
        return code == 0 ? kExitFine : kExitWrongUsage;
    }
    return std::nullopt;
}

CLI::App* add_configuration(CLI::App& app, bool& changed) {
    CLI::App* configuration =
        app.add_subcommand("config", "print the effective configuration and where each value came from");
    configuration->add_flag("--changed", changed, "only what differs from the defaults");
    return configuration;
}

CLI::App* add_web(CLI::App& app, WebCommand& command) {
    CLI::App* web = app.add_subcommand("web", "the page, in the foreground; prints the link to it");
    web->add_flag("--link", command.link, "print the link of the page that runs, and exit");
    return web;
}

}  // namespace

std::variant<CommandLine, ExitCode> parse_command_line(int argc, char** argv) {
    CommandLine line;
    CLI::App app(
        "batchd turns a folder into a batch-inference service: drop JSONL files of LLM requests into the "
        "inbox,\n"
        "find the answers in the outbox.");
    Path config_file;
    CLI::Option* config = describe(app, config_file);

    CLI::App* run = app.add_subcommand("run", "the daemon, in the foreground");
    bool once = false;
    run->add_flag("--once", once,
                  "take what is in the inbox, wait until every job has ended, exit: 0 all done, 1 not");

    CheckCommand check_command;
    bool check_json = false;
    CLI::App* check = add_check(app, check_command, check_json);

    StatusCommand status_command;
    bool json = false, watch = false;
    CLI::App* status = add_status(app, status_command, json, watch);

    JobCommandLine job_commands(app);

    AskCommandLine ask(app);

    CLI::App* recover = app.add_subcommand(
        "recover", "build a lost or damaged database again, from work/, the outbox and rejected/");

    bool changed = false;
    add_configuration(app, changed);
    WebCommand web_command;
    CLI::App* web = add_web(app, web_command);

    if (const auto end = parse(app, argc, argv)) return *end;
    if (config->count() > 0) line.config_file = config_file;
    if (run->parsed())
        line.command = RunCommand{once ? engine::Intake::Mode::once : engine::Intake::Mode::daemon};
    else if (check->parsed()) {
        check_command.form = check_json ? CheckForm::json : CheckForm::text;
        line.command = std::move(check_command);
    } else if (status->parsed()) {
        status_command.form = json ? StatusForm::json : StatusForm::text;
        status_command.time = watch ? StatusTime::watch : StatusTime::once;
        line.command = std::move(status_command);
    } else if (auto asked = ask.given())
        line.command = std::move(*asked);
    else if (recover->parsed())
        line.command = RecoverCommand{};
    else if (web->parsed())
        line.command = web_command;
    else if (auto given = job_commands.given())
        line.command = std::move(*given);
    else
        line.command = ConfigCommand{changed ? ConfigShown::changed : ConfigShown::all};
    return line;
}

}  // namespace batchd
