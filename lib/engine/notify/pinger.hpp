#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "engine/notify/sender.hpp"
#include "engine/ports.hpp"

namespace batchd::engine {

/// Tells a service that we live, so that it can tell people when we don't: a GET after each successful look
/// at a provider and after each job, and in the rhythm of poll.interval while there is nothing to look at.
/// One that fails is not repeated: the next one says as much. Runs until cancelled.
boost::asio::awaitable<void> ping(Ports& ports, Sender& sender, std::string name,
                                  config::NotifyTarget target);

}  // namespace batchd::engine
