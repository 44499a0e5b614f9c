#include "server/session.hpp"

#include <algorithm>
#include <utility>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include "server/error_answer.hpp"

namespace batchd::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

// The head of any request at once, and a bit of its body.
constexpr std::size_t kReadBytes = 16 * 1024;

/// The client is gone, or has been quiet for so long that the stream is closed: there is nobody to tell.
bool is_over(boost::system::error_code ec) {
    return ec == asio::error::eof || ec == http::error::end_of_stream ||
           ec == asio::error::connection_reset || ec == beast::error::timeout;
}

Session::Refusal refusal(boost::system::error_code ec) {
    // Each with its own status, by which a program knows whether to send less or otherwise. Source: RFC 6585,
    // 5; RFC 9110, 15.5.14.
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
        return {431, "the head of the request is too large"};
    if (ec == http::error::body_limit) return {413, "the body is too large"};
    return {400, "this is not HTTP/1.1"};
}

/// After so many bytes that came to nothing: who sends a byte now and then gets no more time for it.
Millis time_to_linger(std::uint64_t bytes, const Limits& limits) {
    const Millis earned{static_cast<std::int64_t>(bytes * 1000 / limits.bytes_a_second_min)};
    return std::min(limits.linger_time + earned, limits.linger_time_max);
}

const char* word_for(unsigned status) {
    if (status == 501) return "unsupported";
    return status == 400 ? "bad_request" : "too_large";
}

/// Where a body ends has to be beyond doubt: what we take for its end a proxy in front of us may take for the
/// middle of it, and what follows would be a request that nobody has judged. The parser reads as no body what
/// it does not know. Source: RFC 9112, 6.1 and 6.3.
std::optional<Session::Refusal> flaw_of_framing(const Parser::value_type& head) {
    const auto [first, end] = head.equal_range(http::field::transfer_encoding);
    if (first == end) return std::nullopt;
    if (head.version() < 11) return Session::Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
    if (std::next(first) != end || !beast::iequals(first->value(), "chunked"))
        return Session::Refusal{501, "of Transfer-Encoding there is chunked, alone and once"};
    return std::nullopt;
}

}  // namespace

Session::Session(Stream stream, Handler& handler, const Limits& limits, const Clock& clock)
    : stream_(std::move(stream)),
      handler_(handler),
      limits_(limits),
      clock_(clock),
      peer_(peer_of(stream_.socket().native_handle())),
      buffer_(limits.head_bytes_max + kReadBytes) {}

void Session::hang_up() {
    waiting_since_.reset();
    stream_.close();
}

asio::awaitable<void> Session::run() {
    Next next = Next::another;
    while (next == Next::another) next = co_await serve_one();
}

asio::awaitable<boost::system::error_code> Session::read_head(Parser& parser) {
    waiting_since_ = clock_.uptime();
    // What came behind the last request is read first; a client that sends two at once gets two answers.
    if (buffer_.size() == 0) {
        // Who has just come has something to ask; who stays may think for longer.
        stream_.expires_after(is_first_ ? limits_.head_time : limits_.idle_time);
        const auto [ec, got] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kTuple);
        if (ec) co_return ec;
        buffer_.commit(got);
    }
    is_first_ = false;
    stream_.expires_after(limits_.head_time);
    const auto [ec, used] = co_await http::async_read_header(stream_, buffer_, parser, kTuple);
    waiting_since_.reset();
    co_return ec;
}

asio::awaitable<Session::Next> Session::serve_one() {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits_.head_bytes_max));
    parser.body_limit(limits_.body_bytes_max);
    const boost::system::error_code ec = co_await read_head(parser);
    if (ec) {
        (void)failed(ec, {});  // a cancellation unwinds
        if (!is_over(ec)) co_await refuse(refusal(ec));
        co_return Next::none;
    }
    if (const auto flaw = flaw_of_framing(parser.get())) {
        co_await refuse(*flaw);
        co_return Next::none;
    }
    Exchange exchange(stream_, buffer_, parser, peer_, limits_, clock_);
    co_await handler_.handle(exchange);
    // A handler that answers nothing is a mistake of ours, and the client should not wait for its own time
    // limit to learn of it.
    if (!exchange.has_begun()) {
        Answer nothing = error_answer(500, "internal", "there is no answer");
        (void)co_await exchange.answer(std::move(nothing));
    }
    // Only where both sides know where the message ended; else the rest of it would be read as the next
    // request.
    if (exchange.can_go_on()) co_return Next::another;
    co_await linger();
    co_return Next::none;
}

asio::awaitable<void> Session::refuse(Refusal why) {
    waiting_since_.reset();
    const Answer answer = error_answer(why.status, word_for(why.status), why.message);
    const std::string bytes =
        serialize_head(answer.head, Framing::length, answer.body.size(), false) + answer.body;
    stream_.expires_after(limits_.write_time);
    // One try: a client that sends nonsense may not read either.
    (void)co_await stream_.async_write_some(asio::buffer(bytes), kTuple);
    co_await linger();
}

/// Closed with something unread, a connection takes the answer with it; and most clients send all of a file
/// before they look for an answer.
asio::awaitable<void> Session::linger() {
    boost::system::error_code ec;
    stream_.socket().shutdown(asio::socket_base::shutdown_send, ec);
    // All is said, so that it is the first to go where there are too many.
    const Millis since = clock_.uptime();
    waiting_since_ = since;
    std::uint64_t bytes = 0;
    while (!ec) {
        const Millis left = since + time_to_linger(bytes, limits_) - clock_.uptime();
        if (left <= Millis{0}) break;
        stream_.expires_after(std::min(left, limits_.linger_time));
        std::size_t got = 0;
        buffer_.clear();
        std::tie(ec, got) = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kTuple);
        bytes += got;
    }
    waiting_since_.reset();
}

}  // namespace batchd::server
