#include <algorithm>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "commands.hpp"
#include "engine/queue/queue_folders.hpp"
#include "job_json.hpp"
#include "job_wait.hpp"
#include "open_state.hpp"
#include "pause.hpp"
#include "spool/state_lock.hpp"
#include "store/query/find_dropped.hpp"
#include "submission.hpp"

namespace batchd {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// How long a daemon that runs may take to claim what was dropped.
constexpr Millis kClaimPatience = 5s;
constexpr Millis kLookForJob = 20ms;
constexpr Millis kLookSlowly = 300ms;

class Submit {
public:
    Submit(const SubmitCommand& command, const config::Settings& settings)
        : command_(command), settings_(settings), layout_{settings.state.directory} {}

    Result<ExitCode> run(const std::vector<std::string>& names) {
        const Path inbox = engine::folders_of(settings_.spool, command_.queue).inbox;
        auto copies = copy_all(command_.files, names, inbox);
        if (!copies) return copies.error();
        submissions_ = std::move(*copies);
        daemon_runs_ = spool::StateLock::holder(layout_.lock()).has_value();
        at_ = make_system_clock()->now();
        if (auto store = open_state(layout_, store::OpenMode::read_only); store)
            newest_ = (*store)->jobs.newest().value();
        if (auto published = publish_all(submissions_, daemon_runs_); !published) return published.error();
        if (auto found = find_numbers(); !found) return found.error();
        return command_.wait ? wait() : tell();
    }

private:
    /// Looks for the jobs, for as long as there is hope.
    Result<void> find_numbers() {
        if (!daemon_runs_ && !command_.wait) return {};
        const auto clock = make_system_clock();
        const Millis begin = clock->uptime();
        StateWatch watch(layout_);
        for (;;) {
            const Millis waited = clock->uptime() - begin;
            if (!daemon_runs_ || waited >= kClaimPatience) say_unclaimed();
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
                std::fprintf(stderr, "batchd: %s is in the inbox; %s\n",
                             printable(submission.drop.name() + ".jsonl").c_str(),
                             daemon_runs_
                                 ? "the daemon has not taken it yet: `batchd status` tells when it has"
                                 : "the daemon does not run, and takes it when it starts");
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
        const auto jobs = wait_for_end(layout_, ids, std::nullopt, [&](const store::Job& job) {
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
    bool daemon_runs_ = false;
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
    if (!engine::has_queue(loaded->settings, command.queue))
        return fail(error(Errc::not_found, "there is no queue " + command.queue));
    const auto code = Submit(command, loaded->settings).run(*names);
    return code ? *code : fail(code.error());
}

}  // namespace batchd
