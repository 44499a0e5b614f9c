#include "torture/fail_point.hpp"
#include "torture/kill_point.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"

namespace batchd::torture {
namespace {

// The exit code for a configuration that can't be used, which one that can't be read is.
constexpr int kWrongConfiguration = 78;

std::uint64_t count_ways(const Options& options) {
    Scenario scenario(options.daemon);
    FailPoint counter(scenario.bench().root(), KillPoint::kNever);
    run_traced(scenario.command(), all_effects(), counter, kLifeMax);
    return counter.count();
}

// "For a while": the disk is full, and then it is not.
constexpr unsigned kTimes = 25;

/// One call fails in one life, or in an odd trial several in a row; the life goes on or ends with a reason;
/// the next one finishes.
Outcome fail_and_finish(const Options& options, const Trial& trial) {
    Scenario scenario(options.daemon);
    Outcome outcome;
    const unsigned times = trial.number % 2 == 0 ? 1 : kTimes;
    FailPoint fault(scenario.bench().root(), trial.number / 2, times);
    const Ending ending = run_traced(scenario.command(), all_effects(), fault, kLifeMax);
    outcome.was_struck = !fault.what().empty();
    outcome.what = fault.what() + (times == 1 ? "" : ", and so the next ones") + "; it ended with " +
                   std::to_string(ending.exit_code);
    if (ending.exit_code != kWrongConfiguration) append(outcome.findings, Scenario::check(ending));
    append(outcome.findings, scenario.finish());
    outcome.log = scenario.bench().log();
    return outcome;
}

}  // namespace

bool torture_by_error(const Options& options) {
    const std::uint64_t ways = count_ways(options);
    const Tally tally = run_trials(campaign_of(options, "error"), trials_of(options, 2 * ways),
                                   [&](const Trial& trial) { return fail_and_finish(options, trial); });
    print(tally, "error", std::to_string(ways) + " ways for calls to fail");
    return tally.is_clean();
}

}  // namespace batchd::torture
