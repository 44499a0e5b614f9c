#include <csignal>
#include <random>

#include "system/requests.hpp"
#include "torture/disk_recorder.hpp"
#include "torture/fail_point.hpp"
#include "torture/kill_point.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"
#include "torture/troubles.hpp"

namespace batchd::torture {
namespace {

using namespace std::chrono_literals;

// A life of a few jobs makes about so many calls that leave a trace.
constexpr std::uint64_t kMomentsOfALife = 900;
constexpr std::uint64_t kWaysOfALife = 6000;
// What is not done by then is held, or the machine is slow: then nothing is held, and it is waited for.
constexpr Millis kHeldMax = 20s;

/// A moment at which the configuration is another one, and is read again.
class ReloadPoint final : public Observer {
public:
    ReloadPoint(testing::Workbench& bench, std::uint64_t at)
        : bench_(bench), point_(bench.root(), at, Order::Kind::reload) {}

    Order before(const Call& call) override { return rewrite_at(point_.before(call)); }
    Order after(const Call& call, std::int64_t answer) override {
        return rewrite_at(point_.after(call, answer));
    }
    const std::string& where() const { return point_.where(); }

private:
    Order rewrite_at(Order order) {
        if (order.kind == Order::Kind::reload) bench_.write_configuration();
        return order;
    }

    testing::Workbench& bench_;
    KillPoint point_;
};

/// Several lives of a daemon, with all kinds of ends, a provider with manners and faults that in every other
/// history lies as well, and clocks that jump; then one life in peace. All of it follows from the seed, but
/// for the order in which threads run.
class History {
public:
    History(const Options& options, std::uint64_t seed)
        : daemon_(options.daemon), random_(seed), bench_(testing::Transport::plain) {
        // Jobs may share batches, in which their requests have other ids.
        bench_.provider().change_settings(R"({"known_by_text":true})");
        bench_.set("spool.settle_time", "\"10ms\"");
        bench_.set("provider.list_lag", "\"200ms\"");
        bench_.set("provider.timeout", "\"5s\"");
        bench_.set("provider.delete_files", one_in(2) ? "true" : "false");
        bench_.set("batch.max_requests", std::to_string(2 + below(6)));
        bench_.set("retry.row_attempts", "20");
        bench_.set("retry.min_backoff", "\"10ms\"");
        bench_.set("retry.max_backoff", "\"200ms\"");
        bench_.set("retry.result_patience", "\"500ms\"");
        bench_.set("retry.cancel_patience", "\"500ms\"");
    }

    Outcome run() {
        for (std::uint64_t i = below(4); i-- > 0;) have_manner(one_of(manners()));
        lies_ = one_in(2);
        if (lies_ && one_in(2)) have_manner(one_of(lying_manners()));
        for (std::uint64_t lives = 2 + below(4); lives-- > 0;) {
            drop_files();
            trouble_provider();
            shift_clocks();
            live();
        }
        finish();
        outcome_.was_struck = true;
        outcome_.log = bench_.log();
        return std::move(outcome_);
    }

private:
    std::uint64_t below(std::uint64_t end) { return random_() % end; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    void say(const std::string& what) { outcome_.what += what + "; "; }

    const char* one_of(std::span<const char* const> all) { return all[below(all.size())]; }

    void have_manner(const char* manner) {
        bench_.provider().change_settings(manner);
        say(manner);
        answers_may_be_hidden_ = answers_may_be_hidden_ || hides_answers(manner);
    }

    void drop_files() {
        for (std::uint64_t i = below(3); i-- > 0;) {
            const std::string name = "job-" + std::to_string(expected_.size() + 1);
            if (one_in(6)) {
                bench_.drop(name, "{\"custom_id\":\"a\"}\n");
                expected_[name] = {.is_rejected = true};
                continue;
            }
            Expected& job = expected_[name];
            std::vector<std::string> lines;
            for (std::uint64_t row = 1 + below(9); row > 0; --row) {
                job.answered.push_back(name + "_" + std::to_string(lines.size() + 1));
                lines.push_back(
                    testing::chat_line(job.answered.back(), one_in(3) ? "gpt-4o" : "gpt-4o-mini"));
            }
            bench_.drop(name, testing::file_of(lines));
        }
        say(std::to_string(expected_.size()) + " files");
    }

    void trouble_provider() {
        for (std::uint64_t i = below(4); i-- > 0;) {
            const char* const fault = one_of(faults());
            bench_.provider().add_fault(fault);
            say(fault);
        }
        if (one_in(6))
            for (const std::string& fault : storm(random_())) bench_.provider().add_fault(fault);
        if (lies_)
            for (std::uint64_t i = below(4); i-- > 0;) tell(one_of(lies()));
    }

    void tell(const char* lie) {
        bench_.provider().add_lie(lie);
        say(lie);
        answers_may_be_hidden_ = true;
        if (std::string_view(lie).find("\"upload\"") != std::string_view::npos) bench_.excuse_uploads_left();
    }

    void shift_clocks() {
        if (one_in(4)) bench_.provider().advance_clock(std::chrono::minutes(below(180)));
        if (one_in(10)) bench_.provider().advance_clock(25h);
        bench_.environment().erase("LD_PRELOAD");
        if (!one_in(3)) return;
        const std::int64_t seconds = static_cast<std::int64_t>(below(60'000'000)) - 30'000'000;
        bench_.environment()["LD_PRELOAD"] = BATCHD_CLOCK_SHIFT;
        bench_.environment()["CLOCK_SHIFT_SECONDS"] = std::to_string(seconds);
        say("clock shifted by " + std::to_string(seconds) + " s");
    }

    testing::DaemonCommand command() const {
        testing::DaemonCommand command = bench_.command({"run", "--once"});
        if (!daemon_.empty()) command.program = daemon_;
        return command;
    }

    void live() {
        const std::uint64_t end = below(10);
        if (end < 4)
            live_until({Order::Kind::kill}, "killed ");
        else if (end < 6)
            live_until_power_cut();
        else if (end < 8)
            live_with_error();
        else if (end < 9)
            live_until({Order::Kind::terminate}, "terminated ");
        else
            live_with_reload();
    }

    void check(const Ending& ending) { append(outcome_.findings, Scenario::check(ending)); }

    void live_until(Order order, const std::string& how) {
        KillPoint point(bench_.root(), below(kMomentsOfALife), order.kind);
        const Ending ending = run_traced(command(), lasting_effects(), point, kLifeMax);
        // A SIGTERM behind the end of all work finds nobody who waits for it any more.
        if (ending.exit_code != 128 + SIGTERM || order.kind != Order::Kind::terminate) check(ending);
        say(point.where().empty() ? "lived to its end" : how + point.where());
    }

    /// With another provider's table, all stages that talk to it end and begin anew.
    void live_with_reload() {
        const testing::DaemonCommand life = command();
        bench_.set("provider.max_connections", std::to_string(1 + below(60)));
        ReloadPoint point(bench_, below(kMomentsOfALife));
        const Ending ending = run_traced(life, lasting_effects(), point, kLifeMax);
        // A SIGHUP before it is listened to, or behind the end of all work, ends it.
        if (ending.exit_code != 128 + SIGHUP) check(ending);
        say(point.where().empty() ? "lived to its end" : "reloaded " + point.where());
    }

    void live_until_power_cut() {
        DiskRecorder recorder(bench_.root(), below(kMomentsOfALife));
        const Survival survival = kSurvivals[below(std::size(kSurvivals))];
        check(run_traced(command(), DiskRecorder::effects(), recorder, kLifeMax));
        append(outcome_.findings, compare(recorder, bench_.root()));
        leave_only(bench_.root(), DiskRecorder::folders(), recorder.disk().as_seen(),
                   recorder.disk().after_power_cut(survival, random_));
        say("power cut " + recorder.where() + ", leaving " + to_string(survival));
    }

    void live_with_error() {
        FailPoint fault(bench_.root(), below(kWaysOfALife));
        const Ending ending = run_traced(command(), all_effects(), fault, kLifeMax);
        if (!fault.what().starts_with("E") || ending.exit_code != 78) check(ending);
        say(fault.what().empty() ? "lived to its end" : fault.what());
    }

    void finish() {
        bench_.provider().clear_faults();
        bench_.environment().erase("LD_PRELOAD");
        bench_.provider().clear_lies();
        auto code = live_in_peace();
        // `run --once` gives up where only what is held is left.
        if (cancel_what_is_held()) code = live_in_peace();
        check({.exit_code = code.value_or(0), .was_late = !code});
        append(outcome_.findings,
               judge(bench_, expected_, answers_may_be_hidden_ ? Answers::may_be_lost : Answers::all));
    }

    std::optional<int> live_in_peace() {
        testing::DaemonProcess life(command());
        auto code = life.wait_for_exit(kHeldMax);
        if (!code) {
            cancel_what_is_held();
            code = life.wait_for_exit(kLifeMax);
        }
        life.kill();
        return code;
    }

    /// What only a person can end is ended by one. False where nothing is held.
    bool cancel_what_is_held() {
        const auto held = bench_.database().rows(
            "SELECT DISTINCT j.id FROM jobs j JOIN batches b ON b.job_id = j.id"
            " WHERE j.finished_at IS NULL AND b.held IS NOT NULL");
        for (const auto& row : held) {
            bench_.ask("cancel", std::stoi(row.front()));
            say("job " + row.front() + " is held, and cancelled");
            answers_may_be_hidden_ = true;
        }
        return !held.empty();
    }

    Path daemon_;
    std::mt19937_64 random_;
    testing::Workbench bench_;
    ExpectedJobs expected_;
    bool lies_ = false;
    bool answers_may_be_hidden_ = false;
    Outcome outcome_;
};

constexpr std::uint64_t kHistories = 1000;

}  // namespace

bool torture_by_random_history(const Options& options) {
    Options asked = options;
    asked.sample = options.sample.value_or(kHistories);
    const Tally tally = run_trials(campaign_of(options), trials_of(asked, *asked.sample),
                                   [&](const Trial& trial) { return History(options, trial.seed).run(); });
    print(options, tally, "histories from seed " + std::to_string(options.seed));
    return tally.is_clean();
}

}  // namespace batchd::torture
