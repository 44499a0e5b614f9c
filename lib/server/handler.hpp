#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/exchange.hpp"

namespace batchd::server {

/// What is behind the routes of a server.
class Handler {
public:
    virtual ~Handler() = default;
    /// Answers one request. Many run at once, on the server's thread: what blocks goes to a pool. One that
    /// returns without an answer is answered for with 500; where it has not read the whole body, the
    /// connection is closed. Throws when cancelled only.
    virtual boost::asio::awaitable<void> handle(Exchange& exchange) = 0;
};

}  // namespace batchd::server
