#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/async/wake_line.hpp"
#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/notify/sender.hpp"
#include "engine/record/journal.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// What ping() uses. All of it outlives the call.
struct PingPorts {
    const config::Settings& settings;
    store::Store& store;
    Clock& clock;
    Journal& journal;
    WakeLine& alive;  ///< of Wakes
};

/// Tells a service that we live, so that it can tell people when we don't: a GET after each successful look
/// at a provider and after each job, and in the rhythm of poll.interval while there is nothing to look at.
/// One that fails is not repeated: the next one says as much. Runs until cancelled.
boost::asio::awaitable<void> ping(PingPorts ports, Sender& sender, std::string name,
                                  config::NotifyTarget target);

}  // namespace batchd::engine
