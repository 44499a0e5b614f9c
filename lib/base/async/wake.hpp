#pragma once

#include <cstdint>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"

namespace batchd {

/// A level that one coroutine waits on and anybody may raise: "look again, something may have changed".
/// Raising it twice before the waiter looks is the same as raising it once. I/O thread only; one waiter at a
/// time.
class Wake {
public:
    explicit Wake(boost::asio::any_io_executor executor);

    /// Costs nothing while nobody waits, and is not forgotten.
    void raise();
    /// Ends the wait without raising: for the waiter's own tasks, when something outside has not changed.
    void nudge();
    /// On which its waiter runs.
    boost::asio::any_io_executor executor() { return timer_.get_executor(); }
    /// How often it was raised so far.
    std::uint64_t times_raised() const { return times_raised_; }

    /// Returns once raised, and lowers it. Throws operation_aborted when cancelled.
    boost::asio::awaitable<void> wait();

    /// As wait(), but returns after `limit` at the latest; true when it was raised.
    boost::asio::awaitable<bool> wait_for(Clock& clock, Millis limit);

    /// As wait(), but returns once the wall clock shows `moment`, also when it is set; true when it was
    /// raised. Nothing: as wait().
    boost::asio::awaitable<bool> wait_until(Clock& clock, std::optional<TimePoint> moment);

private:
    /// True when it was raised before `end` has ended.
    boost::asio::awaitable<bool> wait_or(boost::asio::awaitable<void> end);

    boost::asio::steady_timer timer_;
    /// Kept while nobody waits: what changes between two looks is not missed.
    bool raised_ = false;
    std::uint64_t times_raised_ = 0;
};

}  // namespace batchd
