#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "engine/record/journal.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Removes ended jobs and events that are older than `keep` (state.keep), a few at a time, now and within
/// each hour. Runs until cancelled. An error of the database is logged, and the next round tries again. All
/// of it outlives the call.
boost::asio::awaitable<void> forget_old(store::Store& store, Clock& clock, Journal& journal, Millis keep);

}  // namespace batchd::engine
