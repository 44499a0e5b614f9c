// How the runs of an account are told to end: one by a cancel, all of them when the account is replaced.

#include <algorithm>

#include "base/async/run_until.hpp"
#include "base/scope/counted.hpp"
#include "provider/direct/local/runs.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

namespace {

/// For answers that are about to come when a provider is replaced.
constexpr Millis kDrainTime = std::chrono::seconds(10);

/// Somebody is about to put a cancel on record. Whoever waits to begin looks again behind it, also where it
/// was broken off.
class Cancelling {
public:
    Cancelling(LocalRun& run, WakeLine& waiting) : count_(run.cancelling), waiting_(waiting) {}
    ~Cancelling() { waiting_.raise_all(); }

private:
    const Counted<unsigned> count_;
    WakeLine& waiting_;
};

}  // namespace

asio::awaitable<Result<void>> Runs::cancel(LocalRun& run) {
    // From before the turn, so that no life of it begins while the disk takes its time.
    const Cancelling until_on_record(run, go_);
    const auto saved = co_await put_cancel_on_record(run);
    if (saved && run.runner != nullptr) run.runner->stop();
    co_return saved;
}

asio::awaitable<Result<void>> Runs::put_cancel_on_record(LocalRun& run) {
    const auto turn = co_await run.saving.enter();
    // Within the turn: another one's cancel is none before it is on disk. And the end may have been written
    // meanwhile, over which nothing is to be written.
    if (run.record.ended_at || run.record.is_cancelled) co_return Result<void>();
    // On a copy, so that nobody takes the run for cancelled where the disk refuses it.
    RunRecord cancelled = run.record;
    cancelled.is_cancelled = true;
    const auto saved = co_await write(cancelled);
    if (saved) run.record.is_cancelled = true;
    co_return saved;
}

asio::awaitable<Result<void>> Runs::end_now(LocalRun& run) {
    // Whoever should have told it may not have come to it.
    const auto cancelled = co_await cancel(run);
    if (!cancelled) co_return cancelled;
    if (run.runner != nullptr) run.runner->break_off();
    while (!run.record.ended_at) {
        Wake wake(parts_.executor);
        const WakeLine::Place place(ended_, wake);
        co_await wake.wait();
    }
    co_return cancelled;
}

asio::awaitable<void> Runs::drain() {
    is_closed_ = true;
    co_await run_within(parts_.clock, kDrainTime, line_.drain());
    // Whoever waits for this breaks everything off behind it. So what is not answered by now is given up
    // here, where the runs wait for the disk with what is.
    for (const auto& [key, run] : runs_)
        if (run->runner != nullptr) run->runner->break_off();
    Wake wake(parts_.executor);
    const WakeLine::Place place(left_, wake);
    while (any_sending()) co_await wake.wait();
}

bool Runs::any_sending() const {
    return std::any_of(runs_.begin(), runs_.end(), [](const auto& named) {
        const Runner* const runner = named.second->runner;
        return runner != nullptr && !runner->gives_up();
    });
}

std::uint64_t Runs::unsaved() const {
    std::uint64_t count = 0;
    for (const auto& [key, run] : runs_)
        if (run->runner != nullptr) count += run->runner->unsaved();
    return count;
}

}  // namespace batchd::provider::direct
