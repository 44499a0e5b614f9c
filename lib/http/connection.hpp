#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include "base/clock.hpp"
#include "http/header/url.hpp"
#include "http/message.hpp"

namespace batchd::http {

/// One TCP connection, with TLS on it or not. For .cpp files of this directory only. An operation that moves
/// no byte for the time limit, or next to none for ten times that long, ends with beast's timeout and closes
/// the connection.
class Connection {
public:
    virtual ~Connection() = default;

    /// Reads at least one byte; 0 is the peer's orderly end (over TLS: its close_notify).
    virtual boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) = 0;
    virtual boost::asio::awaitable<Result<void>> write_all(std::string_view bytes) = 0;
    /// Tells the peer that no more comes, so that it does not wait for it.
    virtual void end_sending() = 0;
    /// True as long as nothing has come in unasked, above all not the peer's end.
    virtual bool is_quiet() const = 0;
    /// Nothing is to be sent or received for a while: costs no wake-up until it is used again.
    virtual void rest() = 0;
};

struct ConnectLimits {
    Millis timeout;  ///< longest time without a byte moving, until it is connected
    Millis silence;  ///< likewise from then on
    Clock& clock;
};

/// Connects to the first address of the origin that answers. Errors: phase connect, always.
/// `tls` is needed for https only, and must outlive the connection.
boost::asio::awaitable<Outcome<std::unique_ptr<Connection>>> connect(Origin origin,
                                                                     boost::asio::ssl::context* tls,
                                                                     ConnectLimits limits);

}  // namespace batchd::http
