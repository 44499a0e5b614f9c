#include <fstream>
#include <map>

#include "hooks/cursor.hpp"
#include "system/requests.hpp"
#include "torture/kill_point.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"

namespace batchd::torture {
namespace {

constexpr int kJobs = 3;

/// A daemon that runs undisturbed, three jobs that have ended, and `batchd hooks`, which runs a command for
/// each of them and is killed at it.
class HooksScenario {
public:
    explicit HooksScenario(Path program) : program_(std::move(program)), bench_(testing::Transport::plain) {
        bench_.set("spool.settle_time", "\"10ms\"");
        bench_.set("notify.next.kind", "\"command\"");
        bench_.set("notify.next.on", "[\"done\"]");
        // One write of a shell, so that a run is a line and a line a run.
        bench_.set("notify.next.command",
                   "[\"/bin/sh\", \"-c\", \"echo $BATCHD_JOB >>" + ran().string() + "\"]");
        bench_.start();
        for (int i = 1; i <= kJobs; ++i) bench_.drop("job" + std::to_string(i), testing::articles(1));
        if (!bench_.wait_for_jobs(kJobs)) throw std::runtime_error("the jobs did not end");
        last_ = std::stoll(bench_.database().value("SELECT max(id) FROM notices"));
    }

    testing::Workbench& bench() { return bench_; }
    testing::DaemonCommand command() const {
        testing::DaemonCommand command = bench_.command({"hooks", "--state", state().string()});
        if (!program_.empty()) command.program = program_;
        return command;
    }
    /// All that there is to do is done and on record.
    bool is_over() const {
        const auto cursor = hooks::load_cursor(state() / "next.cursor");
        return cursor && *cursor && (*cursor)->after >= last_;
    }
    /// How often the command ran, by job.
    std::map<std::string, unsigned> runs() const {
        std::map<std::string, unsigned> runs;
        std::ifstream file(ran());
        for (std::string job; std::getline(file, job);) ++runs[job];
        return runs;
    }
    Findings finish() {
        testing::DaemonProcess last(command());
        Findings findings;
        if (!last.wait_until([this] { return is_over(); }, kLifeMax))
            findings.push_back({Finding::Kind::crashed, "what was left was not done"});
        last.kill();
        const auto runs = this->runs();
        for (int i = 1; i <= kJobs; ++i) {
            const auto found = runs.find(std::to_string(i));
            const unsigned count = found == runs.end() ? 0 : found->second;
            const std::string what =
                "the command of job " + std::to_string(i) + " ran " + std::to_string(count);
            if (count == 0) findings.push_back({Finding::Kind::lost, what + " times"});
            if (count > 2) findings.push_back({Finding::Kind::twice, what + " times"});
        }
        return findings;
    }

private:
    // Where KillPoint looks.
    Path state() const { return bench_.root() / "state-hooks"; }
    Path ran() const { return bench_.root() / "state-ran"; }

    Path program_;
    testing::Workbench bench_;
    std::int64_t last_ = 0;
};

/// Kills at a moment, and ends in order a life that has nothing more to do.
class HooksObserver final : public Observer {
public:
    HooksObserver(const HooksScenario& scenario, const Path& root, std::uint64_t at)
        : scenario_(scenario), point_(root, at) {}

    Order before(const Call& call) override {
        const Order order = point_.before(call);
        if (order.kind == Order::Kind::kill || is_ending_ || !scenario_.is_over()) return order;
        // Once: its handler of the signal writes to a pipe, which is a call like others, and asked at each of
        // them it would do nothing else.
        is_ending_ = true;
        return {Order::Kind::terminate};
    }
    Order after(const Call& call, std::int64_t answer) override { return point_.after(call, answer); }
    const KillPoint& point() const { return point_; }

private:
    const HooksScenario& scenario_;
    KillPoint point_;
    bool is_ending_ = false;
};

Outcome kill_hooks(const Options& options, const Trial& trial) {
    HooksScenario scenario(options.daemon);
    HooksObserver observer(scenario, scenario.bench().root(), trial.number);
    Outcome outcome;
    outcome.findings = Scenario::check(run_traced(scenario.command(), lasting_effects(), observer, kLifeMax));
    outcome.was_struck = !observer.point().where().empty();
    outcome.what = "hooks killed " + observer.point().where();
    append(outcome.findings, scenario.finish());
    outcome.log = scenario.bench().log();
    return outcome;
}

std::uint64_t count_hook_moments(const Options& options) {
    HooksScenario scenario(options.daemon);
    HooksObserver observer(scenario, scenario.bench().root(), KillPoint::kNever);
    run_traced(scenario.command(), lasting_effects(), observer, kLifeMax);
    return observer.point().count();
}

}  // namespace

bool torture_hooks_by_kill(const Options& options) {
    const std::uint64_t moments = count_hook_moments(options);
    const Tally tally = run_trials(campaign_of(options), trials_of(options, moments),
                                   [&](const Trial& trial) { return kill_hooks(options, trial); });
    print(options, tally, std::to_string(moments) + " moments");
    return tally.is_clean();
}

}  // namespace batchd::torture
