#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/units.hpp"
#include "engine/ports.hpp"

namespace batchd::engine {

/// Removes ended jobs and events that are older than `keep` (state.keep), a few at a time, now and within
/// each hour. Runs until cancelled.
boost::asio::awaitable<void> forget_old(Ports& ports, Millis keep);

}  // namespace batchd::engine
