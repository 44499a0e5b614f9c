#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/async/wake.hpp"
#include "base/clock.hpp"

namespace batchd {

/// Runs `task` until it ends, or until `stop` is raised: then the task is cancelled, and has unwound when
/// this returns. True when the task came to its end. Being cancelled itself cancels the task likewise.
boost::asio::awaitable<bool> run_until(Wake& stop, boost::asio::awaitable<void> task);

/// Likewise, until `end` has ended, which is cancelled where the task is first.
boost::asio::awaitable<bool> run_until(boost::asio::awaitable<void> end, boost::asio::awaitable<void> task);

/// Likewise, until `limit` has passed.
boost::asio::awaitable<bool> run_within(Clock& clock, Millis limit, boost::asio::awaitable<void> task);

}  // namespace batchd
