#include <csignal>
#include <filesystem>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "torture/commit_copy.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"

namespace batchd::torture {
namespace {

namespace fs = std::filesystem;
using testing::chat_line;
using Ids = std::vector<std::string>;

/// What becomes of the outbox between the end of the work and the restored start.
enum class Outbox { stays, is_moved_away };

/// Work of all kinds, beside a provider that forgets nothing: a job of two models, one of whose batches
/// expires half-way and goes again; a small one; and one that is cancelled while its batch runs.
class Work {
public:
    explicit Work(Path daemon) : daemon_(std::move(daemon)), bench_(testing::Transport::plain) {
        bench_.set("spool.settle_time", "\"10ms\"");
        bench_.set("provider.list_lag", "\"50ms\"");
        bench_.set("batch.max_requests", "3");
        bench_.set("retry.min_backoff", "\"10ms\"");
        bench_.set("retry.max_backoff", "\"200ms\"");
        begin_what_is_cancelled();
        bench_.provider().change_settings(R"({"in_progress":0.1,"expire_batch":[2]})");
        drop("letters", {"l-1", "l-2", "l-3", "l-4", "l-5"}, {"l-6", "l-7"});
        drop("notes", {"n-1", "n-2"}, {});
    }

    /// Lives to its end under the eyes of `observer`.
    Findings live(Observer& observer) {
        return Scenario::check(run_traced(command(), lasting_effects(), observer, kLifeMax));
    }

    /// Puts the copy back in place of the state that there is now, and lives to the end.
    Findings restore(const Path& copy, Outbox outbox) {
        fs::rename(bench_.state(), bench_.root() / "later-state");
        fs::rename(copy, bench_.state());
        if (outbox == Outbox::is_moved_away) {
            fs::rename(bench_.outbox(), moved_outbox());
            fs::create_directory(bench_.outbox());
        }
        testing::DaemonProcess last(command());
        const auto code = last.wait_for_exit(kLifeMax);
        last.kill();
        Findings findings = Scenario::check({.exit_code = code.value_or(0), .was_late = !code});
        append(findings, judge_restored(outbox));
        return findings;
    }

    testing::Workbench& bench() { return bench_; }
    Path copy() const { return bench_.root() / "copy"; }

private:
    testing::DaemonCommand command() const {
        testing::DaemonCommand command = bench_.command({"run", "--once"});
        if (!daemon_.empty()) command.program = daemon_;
        return command;
    }
    Path moved_outbox() const { return bench_.root() / "moved-away"; }

    void drop(const std::string& name, const Ids& ids, const Ids& of_other_model) {
        Ids lines;
        for (const std::string& id : ids) lines.push_back(chat_line(id));
        for (const std::string& id : of_other_model) lines.push_back(chat_line(id, "gpt-4o"));
        bench_.drop(name, testing::file_of(lines));
        Ids& answered = answered_[name];
        answered.insert(answered.end(), ids.begin(), ids.end());
        answered.insert(answered.end(), of_other_model.begin(), of_other_model.end());
    }

    /// A job whose batch would run for an hour, and whose cancel the next life finds.
    void begin_what_is_cancelled() {
        bench_.provider().change_settings(R"({"in_progress":3600,"cancelling":0.1})");
        bench_.drop("stopped", testing::file_of({chat_line("s-1"), chat_line("s-2")}));
        bench_.start();
        bench_.wait_until([&] { return bench_.database().count("batches WHERE phase = 'watching'") == 1; });
        bench_.daemon().kill();
        bench_.ask("cancel", 1);
    }

    /// Answers may be in the outbox, or where somebody moved them; they may not be nowhere, and not in part.
    /// An input that was in the outbox already when the copy was made is moved away with it.
    Findings judge_restored(Outbox outbox) {
        Findings findings;
        const boost::json::object report = bench_.report();
        if (report.at("rows_paid_twice") != 0)
            findings.push_back({Finding::Kind::twice, boost::json::serialize(report.at("violations"))});
        for (const auto& [name, ids] : answered_) {
            const bool is_here = fs::exists(bench_.outbox() / name);
            if (!is_here && outbox == Outbox::stays)
                findings.push_back({Finding::Kind::lost, name + " is not in the outbox"});
            if (!is_here) continue;
            const testing::PublishedJob job = bench_.published(name);
            if (job.output_ids() != ids)
                findings.push_back({Finding::Kind::lost, name + " has not all its answers"});
            if (job.input.empty() && !fs::exists(moved_outbox() / name / "input.jsonl"))
                findings.push_back({Finding::Kind::lost, name + " is without its input"});
        }
        const testing::Database database = bench_.database();
        if (database.count("jobs WHERE finished_at IS NULL") != 0)
            findings.push_back({Finding::Kind::lost, "a job has not ended"});
        for (const auto& row : database.rows("SELECT name FROM jobs WHERE state = 'failed'"))
            findings.push_back({Finding::Kind::lost, row.front() + " has failed"});
        if (database.count("jobs") > 0 && database.value("PRAGMA integrity_check") != "ok")
            findings.push_back({Finding::Kind::broken, "the database is damaged"});
        return findings;
    }

    Path daemon_;
    testing::Workbench bench_;
    std::map<std::string, Ids> answered_;
};

Outcome copy_and_restore(const Options& options, const Trial& trial) {
    Work work(options.daemon);
    Outcome outcome;
    const auto outbox = trial.number % 2 == 0 ? Outbox::stays : Outbox::is_moved_away;
    CommitCopy commit(work.bench().state(), work.copy(), trial.number / 2);
    outcome.findings = work.live(commit);
    outcome.was_struck = commit.has_copied();
    outcome.what = "the state of commit " + std::to_string(trial.number / 2) + " restored" +
                   (outbox == Outbox::stays ? "" : ", the outbox moved away");
    if (outcome.was_struck) append(outcome.findings, work.restore(work.copy(), outbox));
    outcome.log = work.bench().log();
    return outcome;
}

std::uint64_t count_commits(const Path& daemon) {
    Work work(daemon);
    CommitCopy counter(work.bench().state(), work.copy(), CommitCopy::kNever);
    work.live(counter);
    return counter.count();
}

}  // namespace

bool torture_by_restore(const Options& options) {
    const std::uint64_t commits = count_commits(options.daemon);
    const Tally tally = run_trials(campaign_of(options), trials_of(options, 2 * commits),
                                   [&](const Trial& trial) { return copy_and_restore(options, trial); });
    print(options, tally, std::to_string(commits) + " commits");
    return tally.is_clean();
}

}  // namespace batchd::torture
