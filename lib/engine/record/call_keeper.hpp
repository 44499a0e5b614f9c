#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "provider/calls/call_tally.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Adds what the calls of an account took to the table `provider_calls`, some seconds after the first of
/// them: one commit for all that come together, and none while nobody calls. Runs until cancelled, and
/// records the rest then. What can't be recorded is lost: it decides nothing, and whatever keeps it from the
/// database keeps the stages from it as well, which say so.
boost::asio::awaitable<void> keep_calls(provider::CallTally& tally, std::string account, store::Store& store,
                                        Clock& clock);

}  // namespace batchd::engine
