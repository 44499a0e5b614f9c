#include "command_line.hpp"

#include <cstdio>

#include <CLI/CLI.hpp>

namespace batchd {

std::variant<CommandLine, ExitCode> parse_command_line(int argc, char** argv) {
    CommandLine line;
    CLI::App app(
        "batchd turns a folder into a batch-inference service: drop JSONL files of LLM requests into the "
        "inbox,\n"
        "find the answers in the outbox.");
    app.name("batchd");
    app.set_version_flag("--version", "batchd " BATCHD_VERSION);
    app.require_subcommand(1);
    app.fallthrough();  // --config may stand behind the command as well
    app.footer("Exit codes: 0 fine, 1 it failed, 2 wrong usage, 78 wrong configuration.");

    Path config_file;
    CLI::Option* config =
        app.add_option("--config", config_file, "configuration file (default /etc/batchd/batchd.toml)")
            ->type_name("FILE");

    CLI::App* run = app.add_subcommand("run", "the daemon, in the foreground");
    bool once = false;
    run->add_flag("--once", once,
                  "take what is in the inbox, wait until every job has ended, exit: 0 all done, 1 not");

    CLI::App* check = app.add_subcommand("check", "validate files offline, and show the plan for them");
    CheckCommand check_command;
    bool check_json = false;
    check->add_option("FILE", check_command.files, "JSONL files of requests; - is standard input")
        ->required();
    check->add_flag("--json", check_json, "for programs; README.md has the shape");

    CLI::App* status =
        app.add_subcommand("status", "the jobs and how far they are; with JOB its batches and events");
    StatusCommand status_command;
    bool json = false, watch = false;
    status->add_option("JOB", status_command.job, "a job's number or NAME");
    status->add_flag("--watch", watch, "show it again whenever it changes, until Ctrl-C or the end of JOB");
    status->add_flag("--json", json, "for programs; README.md has the shape");

    std::string job;
    CLI::App* cancel = app.add_subcommand("cancel", "stop a job; what was answered by then is delivered");
    cancel->add_option("JOB", job, "a job's number or NAME")->required();
    CLI::App* retry =
        app.add_subcommand("retry", "send the failed requests of an ended job again, as a new job");
    retry->add_option("JOB", job, "a job's number or NAME")->required();

    CLI::App* recover = app.add_subcommand(
        "recover", "build a lost or damaged database again, from work/, the outbox and rejected/");

    app.add_subcommand("config", "print the effective configuration and where each value came from");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);  // prints the help, the version or what is wrong
        return code == 0 ? kExitFine : kExitWrongUsage;
    }
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
    } else if (cancel->parsed() || retry->parsed())
        line.command = AskCommand{cancel->parsed() ? store::Verb::cancel : store::Verb::retry, job};
    else if (recover->parsed())
        line.command = RecoverCommand{};
    else
        line.command = ConfigCommand{};
    return line;
}

}  // namespace batchd
