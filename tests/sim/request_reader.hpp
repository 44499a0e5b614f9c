#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "sim/http_message.hpp"
#include "sim/stream.hpp"

namespace batchd::sim {

/// Reads requests off a connection, one after the other: the head, then the body in pieces.
class RequestReader {
public:
    /// `received_bytes` is added to; both references outlive the reader.
    RequestReader(Stream& stream, std::uint64_t& received_bytes);
    ~RequestReader();

    /// Nothing when the client has gone, or sent what is no HTTP: see error().
    boost::asio::awaitable<std::optional<RequestHead>> read_head();
    /// The next piece of the body, good until the next call; empty at the end and after an error.
    boost::asio::awaitable<std::string_view> read_piece();
    /// The whole body. Nothing when it is longer than `size_max`, or broke off.
    boost::asio::awaitable<std::optional<std::string>> read_whole(std::size_t size_max);
    /// Reads and forgets what is left of the body.
    boost::asio::awaitable<void> drain();
    /// Reads and forgets until the client goes away.
    boost::asio::awaitable<void> wait_for_close();

    boost::system::error_code error() const { return error_; }

private:
    struct Impl;
    boost::asio::awaitable<bool> receive();
    boost::asio::awaitable<void> invite_body();
    boost::asio::awaitable<std::string_view> read_chunked_piece();

    Stream& stream_;
    std::uint64_t& received_bytes_;
    boost::system::error_code error_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::sim
