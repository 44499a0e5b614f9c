#pragma once

#include <map>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"

namespace batchd::testing {

/// Time stands still until advance(), which wakes sleepers one by one, each at its own instant.
class ManualClock final : public Clock {
public:
    explicit ManualClock(boost::asio::io_context& context, TimePoint start = TimePoint{});

    TimePoint now() const override { return now_; }
    Millis uptime() const override { return now_.time_since_epoch() - set_by_; }
    boost::asio::awaitable<void> sleep_for(Millis delay) override;
    boost::asio::awaitable<void> wait_until(TimePoint moment) override;
    boost::asio::awaitable<void> wait_until_set() override;

    /// Runs what is ready, then moves time forward by `by`, stopping at each sleeper on the way.
    void advance(Millis by);
    /// Moves time to the next sleeper and wakes it. False when nobody sleeps: nothing can ever happen again.
    bool advance_to_next();
    /// Somebody sets the wall clock, forward or back; no time passes. Then runs what is ready.
    void set_by(Millis by);
    std::size_t sleepers() const { return sleepers_.size(); }
    /// When the first sleeper is due; nothing when nobody sleeps.
    std::optional<TimePoint> next_due() const {
        return sleepers_.empty() ? std::nullopt : std::optional(sleepers_.begin()->first);
    }

private:
    struct Sleeper {
        boost::asio::steady_timer* wake;
        bool until_moment;  ///< not for a time that passes
    };

    boost::asio::awaitable<void> wait(TimePoint due, bool until_moment);
    void wake_first();
    void run_ready();

    boost::asio::io_context& context_;
    TimePoint now_;
    Millis set_by_{0};
    std::multimap<TimePoint, Sleeper> sleepers_;
    std::vector<boost::asio::steady_timer*> set_waiters_{};
};

}  // namespace batchd::testing
