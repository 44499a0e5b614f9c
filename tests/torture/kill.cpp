#include <random>

#include "torture/kill_point.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"

namespace batchd::torture {
namespace {

/// Killed at a moment of the work, and, in an odd trial, once more at a moment of the recovery; then
/// finished.
Outcome kill_and_finish(const Options& options, const Trial& trial) {
    Scenario scenario(options.daemon, options.service);
    Outcome outcome;
    KillPoint first(scenario.bench().root(), trial.number / 2);
    outcome.findings = scenario.live(first);
    outcome.was_struck = !first.where().empty();
    outcome.what = "killed " + first.where();
    if (trial.number % 2 == 1) {
        std::mt19937_64 random(trial.seed);
        KillPoint second(scenario.bench().root(), random() % kRecoveryMoments);
        append(outcome.findings, scenario.live(second));
        outcome.what += ", then " + second.where();
    }
    append(outcome.findings, scenario.finish());
    append(outcome.findings, scenario.check_repeats());
    outcome.log = scenario.bench().log();
    return outcome;
}

}  // namespace

bool torture_by_kill(const Options& options) {
    const std::uint64_t moments = count_moments(options);
    const Tally tally = run_trials(campaign_of(options), trials_of(options, 2 * moments),
                                   [&](const Trial& trial) { return kill_and_finish(options, trial); });
    print(options, tally, std::to_string(moments) + " moments");
    return tally.is_clean();
}

}  // namespace batchd::torture
