#include <algorithm>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "config/effective.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/console/pause.hpp"
#include "daemon/state/job_json.hpp"
#include "daemon/state/job_wait.hpp"
#include "daemon/state/submission.hpp"
#include "engine/queue/queue_folders.hpp"
#include "spool/state/state_lock.hpp"
#include "store/query/find_dropped.hpp"

namespace batchd {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// How long a daemon that runs may take to claim what was dropped.
constexpr Millis kClaimPatience = 5s;
constexpr Millis kLookForJob = 20ms;
constexpr Millis kLookSlowly = 300ms;

/// Whether the daemon runs, as far as who submits can see it.
enum class DaemonSeen { runs, does_not_run, unknown };

DaemonSeen look_for_daemon(const config::Settings& settings) {
    const auto holder = spool::StateLock::look(spool::Layout{settings.state.directory}.lock());
    if (holder) return *holder ? DaemonSeen::runs : DaemonSeen::does_not_run;
    // Who is in the group of a queue only can't look into the state. The inbox is locked as well, but a file
    // system without locks shows none.
    return spool::StateLock::holder(settings.spool.inbox) ? DaemonSeen::runs : DaemonSeen::unknown;
}

class Submit {
public:
    Submit(const SubmitCommand& command, const config::Settings& settings)
        : command_(command), settings_(settings), layout_{settings.state.directory}, watch_(layout_) {}

    Result<ExitCode> run(const std::vector<std::string>& names) {
        const Path inbox = engine::folders_of(settings_.spool, command_.queue).inbox;
        auto copies = copy_all(command_.files, names, inbox);
        if (!copies) return copies.error();
        submissions_ = std::move(*copies);
        daemon_ = look_for_daemon(settings_);
        at_ = make_system_clock()->now();
        if (auto looked = look_for_newest(); !looked) {
            // Whoever can't look can't wait; what is not in yet may be submitted otherwise.
            if (command_.wait) return within("nothing is submitted", looked.error());
            unreadable_ = looked.error();
        }
        if (auto published = publish_all(submissions_, daemon_ != DaemonSeen::does_not_run); !published)
            return published.error();
        // From here on a failure is none of the submission: who takes it for one submits, and pays, twice.
        if (!command_.wait) return find_and_tell();
        if (auto found = find_numbers(watch_); !found) return within(all_names(), found.error());
        auto code = wait();
        return code ? code : within(all_names(), code.error());
    }

private:
    Result<void> look_for_newest() {
        return watch_.look([&](store::Store& store) -> Result<void> {
            const auto newest = store.jobs.newest();
            if (!newest) return newest.error();
            newest_ = *newest;
            return {};
        });
    }

    ExitCode find_and_tell() {
        // Of a daemon that does not run there is nothing to wait for, and without a look there is no number.
        if (daemon_ == DaemonSeen::does_not_run || unreadable_) return tell();
        StateWatch once(layout_);  // who does not wait is not kept by a disk that may recover
        if (auto found = find_numbers(once); !found) unreadable_ = found.error();
        return tell();
    }

    /// Looks for the jobs, for as long as there is hope.
    Result<void> find_numbers(StateWatch& watch) {
        const auto clock = make_system_clock();
        const Millis begin = clock->uptime();
        for (;;) {
            const Millis waited = clock->uptime() - begin;
            if (daemon_ == DaemonSeen::does_not_run || waited >= kClaimPatience) say_unclaimed();
            auto looked = watch.look([&](store::Store& store) { return look_for_jobs(store); });
            const bool all = std::all_of(submissions_.begin(), submissions_.end(),
                                         [](const Submission& s) { return s.job.has_value(); });
            if (!looked || all) return looked;
            if (!command_.wait && waited >= kClaimPatience) return {};
            pause(waited >= kClaimPatience ? kLookSlowly : kLookForJob);
        }
    }

    Result<void> look_for_jobs(store::Store& store) {
        for (Submission& submission : submissions_) {
            if (submission.job) continue;
            const spool::FileId id = submission.drop.id();
            auto found = store::find_dropped(
                store.database, {.device = id.device, .inode = id.inode, .at = at_, .newest = newest_});
            if (!found) return found.error();
            submission.job = *found;
        }
        return {};
    }

    /// On standard error: a script takes for a number whatever is on standard output.
    void say_unclaimed() {
        if (std::exchange(said_, true)) return;
        for (const Submission& submission : submissions_)
            if (!submission.job)
                std::fprintf(stderr, "batchd: %s is in the inbox; %s\n", file_name(submission).c_str(),
                             why_no_number().c_str());
    }

    std::string why_no_number() const {
        if (daemon_ == DaemonSeen::does_not_run)
            return "the daemon does not run, and takes it when it starts";
        if (unreadable_) return "its number is not known: " + to_string(*unreadable_);
        return "the daemon has not taken it yet: `batchd status` tells when it has";
    }

    static std::string file_name(const Submission& submission) {
        return printable(submission.drop.name() + ".jsonl");
    }

    /// "a.jsonl, b.jsonl: submitted, and can't be waited for".
    std::string all_names() const {
        std::string names;
        for (const Submission& submission : submissions_)
            names += (names.empty() ? "" : ", ") + file_name(submission);
        return names + ": submitted, and can't be waited for";
    }

    json::object submission_json(const Submission& submission) const {
        return {{"id", submission.job ? json::value(submission.job->value) : json::value(nullptr)},
                {"name", printable(submission.drop.name())},
                {"queue", command_.queue},
                {"file", printable(submission.file.string())}};
    }

    ExitCode tell() {
        say_unclaimed();
        json::array all;
        for (const Submission& submission : submissions_) {
            if (command_.form == Form::json)
                all.push_back(submission_json(submission));
            else if (submission.job)
                std::printf("%lld\n", static_cast<long long>(submission.job->value));
        }
        if (command_.form == Form::json)
            std::printf("%s\n", json::serialize(json::object{{"jobs", all}}).c_str());
        return kExitFine;
    }

    Result<ExitCode> wait() {
        std::vector<store::JobId> ids;
        for (const Submission& submission : submissions_) ids.push_back(*submission.job);
        if (command_.form == Form::text) tell();
        std::fflush(stdout);
        const auto jobs = wait_for_end(watch_, ids, std::nullopt, [&](const store::Job& job) {
            if (command_.form == Form::text) std::fprintf(stderr, "%s\n", end_line(job).c_str());
        });
        if (!jobs) return jobs.error();
        if (command_.form == Form::json) {
            json::array all;
            for (std::size_t i = 0; i < jobs->size(); ++i) {
                json::object job = ended_job_json((*jobs)[i]);
                job["file"] = printable(submissions_[i].file.string());
                all.push_back(std::move(job));
            }
            std::printf("%s\n", json::serialize(json::object{{"jobs", all}}).c_str());
        }
        return verdict_on(*jobs);
    }

    const SubmitCommand& command_;
    const config::Settings& settings_;
    spool::Layout layout_;
    std::vector<Submission> submissions_;
    StateWatch watch_;
    DaemonSeen daemon_ = DaemonSeen::unknown;
    std::optional<Error> unreadable_;  // why nobody here knows what the daemon made of a file
    bool said_ = false;
    TimePoint at_{};
    store::JobId newest_;
};

/// The names of the jobs; nothing, and said why, where one can't have a name.
std::optional<std::vector<std::string>> names_of(const SubmitCommand& command) {
    std::vector<std::string> names;
    for (const Path& file : command.files) {
        names.push_back(spool::drop_name(command.name.empty() ? file.filename().string() : command.name));
        if (!names.back().empty()) continue;
        std::fprintf(stderr, "batchd: %s gives a job no name; give it one with --name\n",
                     printable(file.string()).c_str());
        return std::nullopt;
    }
    return names;
}

}  // namespace

ExitCode submit(const SubmitCommand& command, const CommandLine& line) {
    const auto names = names_of(command);
    if (!names) return kExitWrongUsage;
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (!config::has_queue(loaded->settings, command.queue))
        return fail(error(Errc::not_found, "there is no queue " + command.queue));
    const auto code = Submit(command, loaded->settings).run(*names);
    return code ? *code : fail(code.error());
}

}  // namespace batchd
