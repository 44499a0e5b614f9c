#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "sim/faults.hpp"
#include "sim/http_message.hpp"
#include "sim/stream.hpp"

namespace batchd::sim {

/// Whether the connection can carry another request.
enum class Outcome { sent, broken };

/// Sends answers over one connection, spoilt where a fault says so.
class ResponseWriter {
public:
    /// `sent_bytes` is added to; both references outlive the writer.
    ResponseWriter(Stream& stream, std::uint64_t& sent_bytes) : stream_(stream), sent_bytes_(sent_bytes) {}

    boost::asio::awaitable<Outcome> send(const Response& response, RequestHead::After after,
                                         const std::optional<Fault>& fault);

private:
    boost::asio::awaitable<bool> write(std::string_view bytes);
    /// Sends the first `size_max` bytes of the body, `rate` bytes a second (0: as fast as it goes).
    boost::asio::awaitable<bool> send_body(const Response& response, std::uint64_t size_max,
                                           std::uint64_t rate);
    boost::asio::awaitable<bool> send_file(const FileSlice& file, std::uint64_t size_max, std::uint64_t rate);
    boost::asio::awaitable<bool> send_text(std::string_view text, std::uint64_t rate);
    boost::asio::awaitable<void> cut_chunk(const Response& response, std::uint64_t size_max);

    Stream& stream_;
    std::uint64_t& sent_bytes_;
};

}  // namespace batchd::sim
