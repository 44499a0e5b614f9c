// How the runs of an account are told to end: one by a cancel, all of them when the account is replaced.

#include <algorithm>

#include "base/async/run_until.hpp"
#include "provider/direct/local/runs.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

namespace {

/// For answers that are about to come when a provider is replaced.
constexpr Millis kDrainTime = std::chrono::seconds(10);

}  // namespace

asio::awaitable<Result<void>> Runs::cancel(LocalRun& run) {
    if (run.record.ended_at || run.record.is_cancelled) co_return Result<void>();
    // In memory first, so that no further request is let out while the disk takes its time, and back where
    // the disk refuses it.
    run.record.is_cancelled = true;
    const auto turn = co_await run.saving.enter();
    // Its end may have been written meanwhile, and nothing is to be written over that.
    if (run.record.ended_at) co_return Result<void>();
    const auto saved = co_await write(run.record);
    if (!saved) {
        run.record.is_cancelled = false;
        co_return saved;
    }
    if (run.runner != nullptr) run.runner->stop();
    go_.raise_all();
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
