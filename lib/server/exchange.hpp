#pragma once

#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "server/limits.hpp"
#include "server/message.hpp"
#include "server/socket/peer.hpp"
#include "server/socket/stream.hpp"

namespace batchd::server {

using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

/// One request and its answer, for a Handler: the body is read as it comes, the answer is sent as it is made.
/// Errors of every call: the client is gone, too slow, or sends what can't be understood; nothing more can be
/// done for it then.
class Exchange {
public:
    Exchange(Stream& stream, boost::beast::flat_buffer& buffer, Parser& parser, const Peer& peer,
             const Limits& limits, const Clock& clock);

    const RequestHead& head() const { return head_; }
    const Peer& peer() const { return peer_; }

    /// The next bytes of the body; 0 at its end. Errors: too_large beyond Limits::body_bytes_max.
    boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> into);
    /// The body as a whole. Errors: too_large above `size_max` bytes.
    boost::asio::awaitable<Result<std::string>> read_body(std::size_t size_max);

    /// The whole answer. As with begin(), once for an exchange.
    boost::asio::awaitable<Result<void>> answer(Answer answer);
    /// An answer that is made while it is sent: begin(), send() any number of times, end(). With a `size` so
    /// many bytes are to be sent; where there are less in the end, the connection breaks off, so that nobody
    /// takes them for the whole. To HEAD the head is the answer, and send() fails as where the client is
    /// gone.
    boost::asio::awaitable<Result<void>> begin(AnswerHead head, std::optional<std::uint64_t> size = {});
    boost::asio::awaitable<Result<void>> send(std::string_view bytes);
    boost::asio::awaitable<Result<void>> end();

    bool has_begun() const { return begun_; }
    /// True once the answer is out and the connection can have another request.
    bool can_go_on() const;

private:
    /// All of the bytes, each part within Limits::write_time.
    boost::asio::awaitable<Result<void>> write(std::string_view bytes);
    /// Answers "100 Continue" where the client waits for that, and once only.
    boost::asio::awaitable<Result<void>> invite_body();
    /// How long the client may take until its next byte.
    Millis time_for_body() const;

    /// All that it refers to is the session's, and outlives it.
    Stream& stream_;
    boost::beast::flat_buffer& buffer_;
    Parser& parser_;
    const Peer& peer_;
    const Limits& limits_;
    const Clock& clock_;
    RequestHead head_;
    bool invited_ = false;  // to send its body, where it waits for that
    bool begun_ = false;
    bool ended_ = false;
    bool broken_ = false;  // the connection is of no more use
    Framing framing_ = Framing::length;
    std::uint64_t to_send_ = 0;     // of an answer whose size is told
    std::uint64_t body_bytes_ = 0;  // received so far
    Millis body_since_;
};

}  // namespace batchd::server
