#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "sim/backend.hpp"
#include "sim/stream.hpp"

namespace batchd::sim {

/// Serves one connection until the client leaves, asks to close, or a fault ends it. `backend` outlives it.
boost::asio::awaitable<void> serve(Backend& backend, std::unique_ptr<Stream> stream);

}  // namespace batchd::sim
