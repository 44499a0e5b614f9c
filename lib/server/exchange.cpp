#include "server/exchange.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

namespace batchd::server {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

std::string lower(std::string_view text) {
    std::string small(text);
    std::transform(small.begin(), small.end(), small.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return small;
}

RequestHead head_of(const Parser& parser) {
    const auto& message = parser.get();
    RequestHead head;
    head.method = std::string(message.method_string());
    const std::string target(message.target());
    const auto mark = target.find('?');
    head.path = target.substr(0, mark);
    if (mark != std::string::npos) head.query = target.substr(mark + 1);
    for (const auto& field : message)
        head.headers.push_back({lower(field.name_string()), std::string(field.value())});
    if (const auto length = parser.content_length()) head.content_length = *length;
    return head;
}

}  // namespace

Exchange::Exchange(Stream& stream, beast::flat_buffer& buffer, Parser& parser, const Peer& peer,
                   const Limits& limits, const Clock& clock)
    : stream_(stream),
      buffer_(buffer),
      parser_(parser),
      peer_(peer),
      limits_(limits),
      clock_(clock),
      head_(head_of(parser)),
      body_since_(clock.uptime()) {}

/// A client that sends a byte now and then keeps to every limit on silence: on average it has to be quicker.
Millis Exchange::time_for_body() const {
    const Millis earned{static_cast<std::int64_t>(body_bytes_ * 1000 / limits_.bytes_a_second_min)};
    const Millis left = body_since_ + limits_.body_time + earned - clock_.uptime();
    return std::clamp(left, Millis{1}, limits_.body_time);
}

/// "Expect: 100-continue": the client waits with its body until it is asked for.
asio::awaitable<Result<void>> Exchange::invite_body() {
    if (invited_) co_return Result<void>();
    invited_ = true;
    if (lower(head_.header("expect")) != "100-continue") co_return Result<void>();
    co_return co_await write("HTTP/1.1 100 Continue\r\n\r\n");
}

asio::awaitable<Result<std::size_t>> Exchange::read_some(std::span<char> into) {
    if (parser_.is_done()) co_return std::size_t{0};
    const auto invited = co_await invite_body();
    if (!invited) co_return invited.error();
    auto& body = parser_.get().body();
    body.data = into.data();
    body.size = into.size();
    while (body.size == into.size() && !parser_.is_done()) {
        stream_.expires_after(time_for_body());
        const auto [ec, used] = co_await http::async_read_some(stream_, buffer_, parser_, kTuple);
        if (ec && ec != http::error::need_buffer) {
            broken_ = true;
            if (ec == http::error::body_limit) co_return error(Errc::too_large, "the body is too large");
            co_return failed(ec, "read the body");
        }
    }
    const std::size_t got = into.size() - body.size;
    body_bytes_ += got;
    co_return got;
}

asio::awaitable<Result<std::string>> Exchange::read_body(std::size_t size_max) {
    std::string whole;
    std::array<char, 4096> piece{};
    for (;;) {
        const auto got = co_await read_some(piece);
        if (!got) co_return got.error();
        if (*got == 0) co_return whole;
        if (whole.size() + *got > size_max) co_return error(Errc::too_large, "the body is too large");
        whole.append(piece.data(), *got);
    }
}

asio::awaitable<Result<void>> Exchange::write(std::string_view bytes) {
    while (!bytes.empty() && !broken_) {
        // In pieces, each with the time limit anew: a slow line may take minutes for a large page, and a
        // dead one may not.
        const std::string_view piece = bytes.substr(0, kPieceBytes);
        stream_.expires_after(limits_.write_time);
        const auto [ec, put] =
            co_await asio::async_write(stream_, asio::buffer(piece.data(), piece.size()), kTuple);
        if (ec) {
            broken_ = true;
            co_return failed(ec, "answer");
        }
        bytes.remove_prefix(put);
    }
    if (broken_) co_return error(Errc::protocol, "the client is gone");
    co_return Result<void>();
}

asio::awaitable<Result<void>> Exchange::answer(Answer answer) {
    begun_ = true;
    ended_ = true;
    std::string bytes = serialize_head(answer.head, Framing::length, answer.body.size(), can_go_on());
    if (head_.method != "HEAD") bytes += answer.body;
    co_return co_await write(bytes);
}

asio::awaitable<Result<void>> Exchange::begin(AnswerHead head, std::optional<std::uint64_t> size) {
    begun_ = true;
    ended_ = head_.method == "HEAD";  // behind the head, whatever the handler would send
    to_send_ = size.value_or(0);
    if (size)
        framing_ = Framing::length;
    else
        // An HTTP/1.0 client knows no chunks; the end of the connection is the end of the answer for it.
        framing_ = parser_.get().version() >= 11 ? Framing::chunked : Framing::close;
    const std::string bytes =
        serialize_head(head, framing_, to_send_, framing_ != Framing::close && parser_.keep_alive());
    co_return co_await write(bytes);
}

asio::awaitable<Result<void>> Exchange::send(std::string_view bytes) {
    // So that a handler stops that would else go on for as long as somebody listens.
    if (broken_ || head_.method == "HEAD") co_return error(Errc::protocol, "nobody wants any more of it");
    // An empty chunk would be the end.
    if (bytes.empty()) co_return Result<void>();
    if (framing_ == Framing::length) {
        // More than the head announced would be taken for the next answer.
        if (bytes.size() > to_send_) co_return error(Errc::illegal, "more is sent than was told");
        to_send_ -= bytes.size();
    }
    if (framing_ != Framing::chunked) co_return co_await write(bytes);
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    std::string chunk = size.data();
    chunk.append(bytes).append("\r\n");
    co_return co_await write(chunk);
}

asio::awaitable<Result<void>> Exchange::end() {
    if (framing_ == Framing::chunked && head_.method != "HEAD") {
        const auto sent = co_await write("0\r\n\r\n");
        if (!sent) co_return sent;
    }
    if (framing_ == Framing::length && to_send_ > 0 && head_.method != "HEAD") {
        broken_ = true;
        co_return error(Errc::changed, "less is there to send than was told");
    }
    ended_ = true;
    co_return Result<void>();
}

bool Exchange::can_go_on() const {
    return ended_ && !broken_ && framing_ != Framing::close && parser_.keep_alive() && parser_.is_done();
}

}  // namespace batchd::server
