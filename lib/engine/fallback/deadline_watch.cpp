#include "engine/fallback/deadline_watch.hpp"

namespace batchd::engine {

namespace {

constexpr Millis kPauseAfterAnError = std::chrono::minutes(1);

}  // namespace

boost::asio::awaitable<void> DeadlineWatch::run() {
    Wake& woken = ports_.own_wakes.deadline;
    for (;;) {
        const auto next = ports_.store.batches.next_deadline(ports_.name, ports_.clock.now());
        // After that look and each time: what was over by then they see now, even where it passed while this
        // was woken for another batch, or where a batch turned up with its deadline over.
        ports_.own_wakes.canceller.raise();
        const auto told = tell_of_unsent();
        if (!next || !told) {
            complaint_.say(to_string(next ? told.error() : next.error()));
            co_await woken.wait_for(ports_.clock, kPauseAfterAnError);
            continue;
        }
        complaint_.clear();
        // A batch that was sent meanwhile may have the earlier deadline, where its queue allows less time.
        co_await woken.wait_until(ports_.clock, *next);
    }
}

Result<void> DeadlineWatch::tell_of_unsent() {
    const auto late = ports_.store.batches.late_unsent(ports_.name, ports_.clock.now());
    if (!late) return late.error();
    for (const store::BatchRowId id : *late)
        if (told_.insert(id).second) late_(id);
    return {};
}

}  // namespace batchd::engine
