#include "sim/request_reader.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "sim/header_params.hpp"

namespace batchd::sim {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::uint32_t kHeadBytesMax = 64 * 1024;

std::optional<RequestHead> describe(const http::request<http::buffer_body>& message) {
    RequestHead head;
    head.method = std::string(message.method_string());
    if (!read_target(message.target(), head)) return std::nullopt;
    for (const auto& field : message) head.fields[to_lower(field.name_string())] = std::string(field.value());
    head.after = message.keep_alive() ? RequestHead::After::keep_alive : RequestHead::After::close;
    return head;
}

}  // namespace

struct RequestReader::Impl {
    std::vector<char> buffer = std::vector<char>(kBufferBytes);
    std::size_t begin = 0, end = 0;  ///< what was received and not yet used
    std::vector<char> chunk;         ///< body bytes without their chunk framing
    std::optional<http::request_parser<http::buffer_body>> parser;
    std::uint64_t left = 0;  ///< of a body with Content-Length
    bool chunked = false;
    bool invited = false;  ///< nothing more to be said about Expect: 100-continue

    std::size_t available() const { return end - begin; }
    asio::const_buffer bytes() const { return {buffer.data() + begin, available()}; }
};

RequestReader::RequestReader(Stream& stream, std::uint64_t& received_bytes)
    : stream_(stream), received_bytes_(received_bytes), impl_(std::make_unique<Impl>()) {}

RequestReader::~RequestReader() = default;

asio::awaitable<bool> RequestReader::receive() {
    Impl& in = *impl_;
    if (in.begin == in.end) in.begin = in.end = 0;
    if (in.end == in.buffer.size()) {
        std::memmove(in.buffer.data(), in.buffer.data() + in.begin, in.available());
        in.end -= in.begin;
        in.begin = 0;
    }
    if (in.end == in.buffer.size()) {
        error_ = http::error::buffer_overflow;
        co_return false;
    }
    const Received got = co_await stream_.read_some(in.buffer.data() + in.end, in.buffer.size() - in.end);
    in.end += got.size;
    received_bytes_ += got.size;
    error_ = got.error;
    co_return !got.error;
}

asio::awaitable<std::optional<RequestHead>> RequestReader::read_head() {
    Impl& in = *impl_;
    in.parser.emplace();
    in.parser->header_limit(kHeadBytesMax);
    in.parser->body_limit(boost::none);
    in.parser->eager(false);
    while (!in.parser->is_header_done()) {
        if (in.available() > 0) {
            boost::system::error_code ec;
            in.begin += in.parser->put(in.bytes(), ec);
            if (ec && ec != http::error::need_more) {
                error_ = ec;
                co_return std::nullopt;
            }
            if (in.parser->is_header_done()) break;
        }
        if (!co_await receive()) co_return std::nullopt;
    }
    in.chunked = in.parser->chunked();
    in.left = in.parser->content_length().value_or(0);
    in.invited = !boost::beast::iequals(in.parser->get()[http::field::expect], "100-continue");
    co_return describe(in.parser->get());
}

asio::awaitable<void> RequestReader::invite_body() {
    if (std::exchange(impl_->invited, true)) co_return;
    if (impl_->available() == 0) error_ = co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

asio::awaitable<std::string_view> RequestReader::read_piece() {
    Impl& in = *impl_;
    co_await invite_body();
    if (error_) co_return std::string_view();
    if (in.chunked) co_return co_await read_chunked_piece();
    if (in.left == 0) co_return std::string_view();
    if (in.available() == 0 && !co_await receive()) co_return std::string_view();
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(in.available(), in.left));
    const std::string_view piece(in.buffer.data() + in.begin, size);
    in.begin += size;
    in.left -= size;
    co_return piece;
}

asio::awaitable<std::string_view> RequestReader::read_chunked_piece() {
    Impl& in = *impl_;
    in.chunk.resize(kBufferBytes);
    while (!in.parser->is_done()) {
        auto& body = in.parser->get().body();
        body = {.data = in.chunk.data(), .size = in.chunk.size(), .more = true};
        boost::system::error_code ec;
        const std::size_t used = in.available() > 0 ? in.parser->put(in.bytes(), ec) : 0;
        in.begin += used;
        const std::size_t produced = in.chunk.size() - body.size;
        if (ec && ec != http::error::need_more && ec != http::error::need_buffer) {
            error_ = ec;
            co_return std::string_view();
        }
        if (produced > 0) co_return std::string_view(in.chunk.data(), produced);
        if (used == 0 && !co_await receive()) co_return std::string_view();
    }
    co_return std::string_view();
}

asio::awaitable<std::optional<std::string>> RequestReader::read_whole(std::size_t size_max) {
    std::string body;
    for (;;) {
        const std::string_view piece = co_await read_piece();
        if (piece.empty()) break;
        if (body.size() + piece.size() > size_max) co_return std::nullopt;
        body += piece;
    }
    if (error_) co_return std::nullopt;
    co_return body;
}

asio::awaitable<void> RequestReader::drain() {
    for (;;) {
        const std::string_view piece = co_await read_piece();
        if (piece.empty()) break;
    }
}

asio::awaitable<void> RequestReader::wait_for_close() {
    bool connected = true;
    while (connected) {
        impl_->begin = impl_->end = 0;
        connected = co_await receive();
    }
}

}  // namespace batchd::sim
