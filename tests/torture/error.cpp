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

/// One call fails in one life, which goes on or ends with a reason; the next one finishes.
Outcome fail_and_finish(const Options& options, const Trial& trial) {
    Scenario scenario(options.daemon);
    Outcome outcome;
    FailPoint fault(scenario.bench().root(), trial.number);
    const Ending ending = run_traced(scenario.command(), all_effects(), fault, kLifeMax);
    outcome.was_struck = !fault.what().empty();
    outcome.what = fault.what();
    if (ending.exit_code != kWrongConfiguration) append(outcome.findings, Scenario::check(ending));
    append(outcome.findings, scenario.finish());
    outcome.log = scenario.bench().log();
    return outcome;
}

}  // namespace

bool torture_by_error(const Options& options) {
    const std::uint64_t ways = count_ways(options);
    const Tally tally = run_trials(campaign_of(options, "error"), trials_of(options, ways),
                                   [&](const Trial& trial) { return fail_and_finish(options, trial); });
    print(tally, "error", std::to_string(ways) + " ways for calls to fail");
    return tally.is_clean();
}

}  // namespace batchd::torture
