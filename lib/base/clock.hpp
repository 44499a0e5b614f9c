#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/units.hpp"

namespace batchd {

/// Wall-clock time, UTC, in whole milliseconds.
using TimePoint = std::chrono::sys_time<Millis>;

/// The only source of time. Pure code takes `now` as an argument; tests stand a clock still and move it by
/// hand.
class Clock {
public:
    virtual ~Clock() = default;
    /// The wall clock's. It may be set at any time, forward or back.
    virtual TimePoint now() const = 0;
    /// Milliseconds on a clock that never jumps; for "how long ago", never for records.
    virtual Millis uptime() const = 0;
    /// Waits `delay` of monotonic time. Throws system_error(operation_aborted) when cancelled.
    virtual boost::asio::awaitable<void> sleep_for(Millis delay) = 0;
    /// Waits until now() is `moment` or later, also when the wall clock is set forward or back meanwhile.
    /// Throws system_error(operation_aborted) when cancelled.
    virtual boost::asio::awaitable<void> wait_until(TimePoint moment) = 0;
    /// Waits until somebody sets the wall clock, in whatever direction; where the system does not tell, a
    /// minute. Throws system_error(operation_aborted) when cancelled.
    virtual boost::asio::awaitable<void> wait_until_set() = 0;
};

/// The one that is not a test's.
std::unique_ptr<Clock> make_system_clock();

/// "2026-11-22T08:30:00Z": how times stand in the database, in job.json and in the log.
std::string to_utc_text(TimePoint time);
/// Reads what to_utc_text wrote; anything else is nothing.
std::optional<TimePoint> parse_utc_text(std::string_view text);

}  // namespace batchd
