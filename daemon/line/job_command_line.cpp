#include "daemon/line/job_command_line.hpp"

#include <map>
#include <string>

#include "daemon/line/since.hpp"

namespace batchd {
namespace {

constexpr const char* kForPrograms = "for programs; README.md has the shape";

}  // namespace

JobCommandLine::JobCommandLine(CLI::App& app) {
    add_submit(app);
    add_wait(app);
    add_events(app);
    add_queues(app);
    add_cost(app);
    add_notify(app);
    add_hooks(app);
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
        // A name becomes that of a file and of a folder.
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
            // Without a unit a number is refused here as in the configuration: nobody could tell what it
            // means.
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
    add_since(*events, events_.since);
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

void JobCommandLine::add_cost(CLI::App& app) {
    static const std::map<std::string, store::SpendingBy> kForms{{"day", store::SpendingBy::day},
                                                                 {"model", store::SpendingBy::model},
                                                                 {"queue", store::SpendingBy::queue},
                                                                 {"job", store::SpendingBy::job}};
    CLI::App* const cost = app.add_subcommand("cost", "what was used, what it cost, and what was saved");
    cost->add_option_function<std::string>(
            "--by", [this](const std::string& form) { cost_.by = kForms.at(form); },
            "day, model, queue or job (default: day)")
        ->check(CLI::IsMember(kForms))
        ->type_name("");
    add_since(*cost, cost_.since);
    cost->add_flag("--json", json_, kForPrograms);
    cost->callback([this] {
        cost_.form = json_ ? Form::json : Form::text;
        given_ = cost_;
    });
}

void JobCommandLine::add_since(CLI::App& command, TimePoint& since) {
    command.add_option_function<std::string>(
        "--since",
        [&since](const std::string& text) {
            // Against the time of this call: "1h" is an hour before it.
            const auto parsed = parse_since(text, make_system_clock()->now());
            if (!parsed)
                throw CLI::ValidationError("--since",
                                           "must be a duration such as \"1h\", or a time in UTC "
                                           "such as 2026-11-27 or 2026-11-27T08:30, not " +
                                               text);
            since = *parsed;
        },
        "not what is older: 1h, 30d, 2026-11-27, 2026-11-27T08:30");
}

void JobCommandLine::add_notify(CLI::App& app) {
    CLI::App* const notify = app.add_subcommand("notify", "those who are told what happens");
    notify->require_subcommand(1);
    CLI::App* const test =
        notify->add_subcommand("test", "send one message to [notify.NAME], and show what came back");
    test->add_option("NAME", notify_test_.name, "of a [notify.NAME]")->required();
    test->callback([this] { given_ = notify_test_; });
}

void JobCommandLine::add_hooks(CLI::App& app) {
    CLI::App* const hooks = app.add_subcommand(
        "hooks", "the service that runs the commands of [notify.NAME], as the user that it is started as");
    hooks->add_option_function<std::string>(
        "--state", [this](const std::string& path) { hooks_.state = path; },
        "the folder where it keeps how far it is (default: the service's)");
    // Bounded, for each is a process, and may be a large one.
    hooks->add_option("--at-once", hooks_.at_once, "how many commands may run at the same time (default 4)")
        ->check(CLI::Range(1, 64));
    hooks->callback([this] { given_ = hooks_; });
}

}  // namespace batchd
