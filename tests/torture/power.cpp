#include <iterator>
#include <random>

#include "torture/disk_recorder.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"

namespace batchd::torture {
namespace {

constexpr std::uint64_t kSurvivalCount = std::size(kSurvivals);

/// One life that ends with the power, and the disk as it finds itself afterwards.
void live_until_power_cut(Scenario& scenario, std::uint64_t at, Survival survival, std::mt19937_64& random,
                          Outcome& outcome) {
    const Path root = scenario.bench().root();
    DiskRecorder recorder(root, at);
    append(outcome.findings, scenario.live(recorder, DiskRecorder::effects()));
    append(outcome.findings, compare(recorder, root));
    outcome.was_struck = outcome.was_struck || !recorder.where().empty();
    outcome.what += "power cut " + recorder.where() + ", leaving " + to_string(survival) + "; ";
    leave_only(root, DiskRecorder::folders(), recorder.disk().as_seen(),
               recorder.disk().after_power_cut(survival, random));
}

Outcome cut_and_finish(const Options& options, const Trial& trial) {
    Scenario scenario(options.daemon, options.service);
    std::mt19937_64 random(trial.seed);
    Outcome outcome;
    const Survival survival = kSurvivals[trial.number % kSurvivalCount];
    live_until_power_cut(scenario, trial.number / kSurvivalCount, survival, random, outcome);
    if (random() % 4 == 0)
        live_until_power_cut(scenario, random() % kRecoveryMoments, kSurvivals[random() % kSurvivalCount],
                             random, outcome);
    append(outcome.findings, scenario.finish());
    append(outcome.findings, scenario.check_repeats());
    outcome.log = scenario.bench().log();
    return outcome;
}

}  // namespace

bool torture_by_power_cut(const Options& options) {
    const std::uint64_t moments = count_moments(options);
    const Tally tally = run_trials(campaign_of(options), trials_of(options, kSurvivalCount * moments),
                                   [&](const Trial& trial) { return cut_and_finish(options, trial); });
    print(options, tally, std::to_string(moments) + " moments");
    return tally.is_clean();
}

}  // namespace batchd::torture
