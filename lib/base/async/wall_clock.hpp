#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"

namespace batchd {

/// Waits until `clock`, which shows the system's wall clock, shows `moment` or later. It follows that clock:
/// when it is set, or the machine was asleep, the time that is left is another, and nothing is polled to see
/// it. Throws operation_aborted when cancelled.
boost::asio::awaitable<void> wait_on_wall_clock(Clock& clock, TimePoint moment);

/// As Clock::wait_until_set().
boost::asio::awaitable<void> wait_until_wall_clock_is_set(Clock& clock);

}  // namespace batchd
