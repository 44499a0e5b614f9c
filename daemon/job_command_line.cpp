#include "job_command_line.hpp"

#include "since.hpp"

namespace batchd {
namespace {

constexpr const char* kForPrograms = "for programs; README.md has the shape";

}  // namespace

JobCommandLine::JobCommandLine(CLI::App& app) {
    add_submit(app);
    add_wait(app);
    add_events(app);
    add_queues(app);
}

std::optional<CommandLine::Command> JobCommandLine::given() const {
    return given_;
}

void JobCommandLine::add_submit(CLI::App& app) {
    CLI::App* const submit =
        app.add_subcommand("submit", "copy files into the inbox; prints the number of each job");
    submit->add_option("FILE", submit_.files, "files of requests, of any name")->required();
    submit->add_option("--queue", submit_.queue, "the queue that they are for (default: default)");
    submit->add_option("--name", submit_.name, "the job's name, for one FILE; without it the file's");
    submit->add_flag("--wait", submit_.wait, "wait until the jobs have ended, and exit as batchd wait does");
    submit->add_flag("--json", json_, kForPrograms);
    submit->callback([this, submit] {
        if (submit->count("--name") > 0 && submit_.files.size() > 1)
            throw CLI::ValidationError("--name",
                                       "is for one FILE, not for " + std::to_string(submit_.files.size()));
        if (submit_.name.find('/') != std::string::npos)
            throw CLI::ValidationError("--name", "can't have a slash in it");
        if (submit->count("--name") > 0 && submit_.name.empty())
            throw CLI::ValidationError("--name", "can't be empty");
        submit_.form = json_ ? Form::json : Form::text;
        given_ = submit_;
    });
}

void JobCommandLine::add_wait(CLI::App& app) {
    CLI::App* const wait = app.add_subcommand(
        "wait", "wait until jobs have ended; exit: 0 all done, 1 one failed, 3 the time is up");
    wait->add_option("JOB", wait_.jobs, "numbers or NAMEs of jobs")->required();
    wait->add_option_function<std::string>(
        "--timeout",
        [this](const std::string& text) {
            wait_.timeout = parse_duration(text);
            if (!wait_.timeout)
                throw CLI::ValidationError(
                    "--timeout", "must be a duration such as \"30s\", \"45m\" or \"24h\", not " + text);
        },
        "how long at most");
    wait->add_flag("--json", json_, kForPrograms);
    wait->callback([this] {
        wait_.form = json_ ? Form::json : Form::text;
        given_ = wait_;
    });
}

void JobCommandLine::add_events(CLI::App& app) {
    CLI::App* const events =
        app.add_subcommand("events", "what happened, the newest last; with JOB to that job");
    events->add_option("JOB", events_.job, "a job's number or NAME");
    events->add_flag("-f,--follow", events_.follow, "go on with what happens from now on");
    events->add_option_function<std::string>(
        "--since",
        [this](const std::string& text) {
            const auto since = parse_since(text, make_system_clock()->now());
            if (!since)
                throw CLI::ValidationError("--since",
                                           "must be a duration such as \"1h\", or a time in UTC "
                                           "such as 2026-11-27 or 2026-11-27T08:30, not " +
                                               text);
            events_.since = *since;
        },
        "not what is older: 1h, 30d, 2026-11-27, 2026-11-27T08:30");
    events->add_flag("--json", json_, "for programs, an object a line; README.md has the shape");
    events->callback([this] {
        events_.form = json_ ? Form::json : Form::text;
        given_ = events_;
    });
}

void JobCommandLine::add_queues(CLI::App& app) {
    CLI::App* const queues =
        app.add_subcommand("queues", "what each queue has waiting and running, and when it sends next");
    queues->add_flag("--json", json_, kForPrograms);
    queues->callback([this] {
        queues_.form = json_ ? Form::json : Form::text;
        given_ = queues_;
    });
}

}  // namespace batchd
