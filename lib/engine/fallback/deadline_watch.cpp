#include "engine/fallback/deadline_watch.hpp"

namespace batchd::engine {

namespace {

constexpr Millis kPauseAfterAnError = std::chrono::minutes(1);

}  // namespace

boost::asio::awaitable<void> DeadlineWatch::run() {
    Wake& woken = ports_.own_wakes.deadline;
    for (;;) {
        // Those that are over already are seen by whoever acts, at each look.
        const auto next = ports_.store.batches.next_deadline(ports_.name, ports_.clock.now());
        if (!next) {
            complaint_.say(to_string(next.error()));
            co_await woken.wait_for(ports_.clock, kPauseAfterAnError);
            continue;
        }
        complaint_.clear();
        if (!*next) {
            co_await woken.wait();
            continue;
        }
        // A batch that was sent meanwhile may have the earlier deadline, where its queue allows less time.
        const bool is_another = co_await woken.wait_until(ports_.clock, **next);
        if (is_another) continue;
        ports_.own_wakes.canceller.raise();
        ports_.own_wakes.submitter.raise();
    }
}

}  // namespace batchd::engine
