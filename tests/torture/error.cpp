#include "torture/fail_point.hpp"
#include "torture/kill_point.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"

namespace batchd::torture {
namespace {

// The exit code for a configuration that can't be used, which one that can't be read is.
constexpr int kWrongConfiguration = 78;

std::uint64_t count_ways(const Options& options) {
    Scenario scenario(options.daemon, options.service);
    FailPoint counter(scenario.bench().root(), KillPoint::kNever);
    run_traced(scenario.command(), all_effects(), counter, kLifeMax);
    return counter.count();
}

// "For a while": the disk is full, and then it is not.
constexpr unsigned kTimes = 25;
// About half of the calls that last: a job is rejected, others are at the provider.
constexpr std::uint64_t kMidway = 400;

/// What is done to the call that a trial is about, in this order by its number.
enum class Way { fails_once, fails_for_a_while, fails_once_after_a_kill };
constexpr std::uint64_t kWays = 3;

/// A life that is killed half-way: the one in which the call fails is a start that finds work.
void begin_work(Scenario& scenario) {
    KillPoint midway(scenario.bench().root(), kMidway);
    run_traced(scenario.command(), lasting_effects(), midway, kLifeMax);
}

std::string to_string(Way way) {
    if (way == Way::fails_for_a_while) return ", and so the next ones";
    return way == Way::fails_once_after_a_kill ? " after a kill" : "";
}

/// One call fails in one life, or several in a row; the life goes on or ends with a reason; the next one
/// finishes.
Outcome fail_and_finish(const Options& options, const Trial& trial) {
    Scenario scenario(options.daemon, options.service);
    Outcome outcome;
    const Way way{static_cast<int>(trial.number % kWays)};
    if (way == Way::fails_once_after_a_kill) begin_work(scenario);
    FailPoint fault(scenario.bench().root(), trial.number / kWays,
                    way == Way::fails_for_a_while ? kTimes : 1);
    const Ending ending = run_traced(scenario.command(), all_effects(), fault, kLifeMax);
    outcome.was_struck = !fault.what().empty();
    outcome.what = fault.what() + to_string(way) + "; it ended with " + std::to_string(ending.exit_code);
    if (ending.exit_code != kWrongConfiguration) append(outcome.findings, Scenario::check(ending));
    append(outcome.findings, scenario.finish());
    outcome.log = scenario.bench().log();
    return outcome;
}

}  // namespace

bool torture_by_error(const Options& options) {
    const std::uint64_t ways = count_ways(options);
    const Tally tally = run_trials(campaign_of(options), trials_of(options, kWays * ways),
                                   [&](const Trial& trial) { return fail_and_finish(options, trial); });
    print(options, tally, std::to_string(ways) + " ways for calls to fail");
    return tally.is_clean();
}

}  // namespace batchd::torture
