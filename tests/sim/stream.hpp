#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

namespace batchd::sim {

/// What a read brought.
struct Received {
    boost::system::error_code error;
    std::size_t size = 0;
};

/// A connection from a client, with or without TLS.
class Stream {
public:
    virtual ~Stream() = default;
    /// Before anything else.
    virtual boost::asio::awaitable<boost::system::error_code> handshake() = 0;
    virtual boost::asio::awaitable<Received> read_some(char* into, std::size_t size) = 0;
    /// All of `bytes`.
    virtual boost::asio::awaitable<boost::system::error_code> write(std::string_view bytes) = 0;
    /// Says goodbye as the protocol asks, and closes.
    virtual boost::asio::awaitable<void> close() = 0;
    /// Ends the connection at once, with a TCP reset.
    virtual void reset() = 0;
};

std::unique_ptr<Stream> make_plain_stream(boost::asio::ip::tcp::socket socket);
/// `context` outlives the stream.
std::unique_ptr<Stream> make_tls_stream(boost::asio::ip::tcp::socket socket,
                                        boost::asio::ssl::context& context);

}  // namespace batchd::sim
