#pragma once

#include <set>
#include <string>
#include <vector>

#include "system/workbench.hpp"
#include "torture/judge.hpp"
#include "torture/options.hpp"
#include "torture/traced_process.hpp"

namespace batchd::torture {

/// How long a life of the daemon may take on a slow and busy machine.
constexpr Millis kLifeMax = std::chrono::minutes(10);

/// A short piece of work with all kinds of steps in it: six files, of which one is rejected, and three wait
/// in a queue until they are enough to go as one batch; a job of two batches, one of which expires half-way;
/// a request that fails in its first batch and one that fails for good; all files at the provider are deleted
/// in the end. Undisturbed it takes well under a second. Sent one by one, the same files come to the same.
class Scenario {
public:
    explicit Scenario(Path daemon, Service service = Service::batches);

    testing::Workbench& bench() { return bench_; }
    /// `batchd run --once`: it ends when all is done, and waits in no queue.
    testing::DaemonCommand command() const;
    /// A life of the daemon under the eyes of `observer`, which is shown the calls with one of `effects`:
    /// until all is done, unless that disturbs it. What is wrong with how it ended.
    Findings live(Observer& observer, const std::set<Effect>& effects = lasting_effects());
    /// Runs the daemon to the end, undisturbed, as the start after the last disturbance, and judges.
    Findings finish();
    /// After an undisturbed life: what waited in the queue went as one batch.
    Findings check_shared();
    /// For lives that only their ends disturbed: a request was answered twice only where that is on record.
    Findings check_repeats();
    /// What is wrong with how a disturbed life ended; nothing when it was killed on purpose or has ended in
    /// order.
    static Findings check(const Ending& ending);

private:
    void send_one_by_one();
    testing::DaemonCommand started_with(std::vector<std::string> arguments) const;
    bool is_over() const;

    Path daemon_;
    Service service_;
    testing::Workbench bench_;
    ExpectedJobs expected_;
};

/// The moments of an undisturbed scenario, as KillPoint counts them. They vary a little from run to run.
/// Throws std::runtime_error where something is wrong with it without any disturbance.
std::uint64_t count_moments(const Options& options);
/// About so many of them belong to a start that finds work in hand, before it goes on with it.
inline constexpr std::uint64_t kRecoveryMoments = 80;

}  // namespace batchd::torture
