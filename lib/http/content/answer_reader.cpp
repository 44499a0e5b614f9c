#include "http/content/answer_reader.hpp"

#include <algorithm>
#include <cstring>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/text/letter_case.hpp"

namespace batchd::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

// Far more than a provider sends; a server without an end to it must not fill the memory.
constexpr std::uint32_t kHeaderMax = 64 * 1024;
constexpr std::size_t kReadBytes = 16 * 1024;  // a TLS record
/// The parser must hold a whole header, or a chunk's head, and what was read with it.
constexpr std::size_t kBufferMax = 2 * kHeaderMax;
// Answers with 100 to 199, after which the real one comes. Source: RFC 9110, 15.2.
constexpr unsigned kInterimMax = 8;

enum class Framing { none, length, chunked, until_close };

Error broken(const std::string& why) {
    return error(Errc::protocol, "the answer is not sound HTTP: " + why);
}

}  // namespace

struct AnswerReader::Impl {
    using Parser = beast::http::response_parser<beast::http::buffer_body>;

    explicit Impl(Connection& on) : connection(on) { start_parser(); }

    void start_parser() {
        parser.emplace();
        parser->header_limit(kHeaderMax);
        parser->body_limit(boost::none);  // callers have their own limits
        parser->eager(false);
    }

    /// Reads more into the parser's buffer; 0 at the connection's end.
    asio::awaitable<Result<std::size_t>> fill() {
        if (buffer.size() + kReadBytes > kBufferMax) co_return broken("a header or chunk head is too long");
        const auto space = buffer.prepare(kReadBytes);
        const auto got = co_await connection.read_some({static_cast<char*>(space.data()), space.size()});
        if (got) buffer.commit(*got);
        if (got && *got > 0) untouched = false;
        co_return got;
    }

    /// Lets the parser have what is buffered. need_more and need_buffer are no errors.
    Result<void> parse() {
        boost::system::error_code ec;
        if (buffer.size() > 0) buffer.consume(parser->put(buffer.data(), ec));
        if (ec && ec != beast::http::error::need_more && ec != beast::http::error::need_buffer)
            return broken(ec.message());
        return {};
    }

    asio::awaitable<Result<void>> read_one_header() {
        for (;;) {
            if (auto parsed = parse(); !parsed) co_return parsed.error();
            if (parser->is_header_done()) co_return Result<void>();
            const auto got = co_await fill();
            if (!got) co_return got.error();
            if (*got == 0)
                co_return Error{beast::http::error::end_of_stream,
                                untouched ? "the server closed the connection without an answer"
                                          : "the server closed the connection within the answer's header"};
        }
    }

    Result<void> choose_framing() {
        const std::string coding = to_lower(parser->get()[beast::http::field::transfer_encoding]);
        // Bytes of another coding would be taken for the answer itself.
        if (!coding.empty() && coding != "chunked") return broken("transfer encoding \"" + coding + "\"");
        if (parser->is_done()) {
            framing = Framing::none;
        } else if (parser->chunked()) {
            framing = Framing::chunked;
        } else if (const auto length = parser->content_length()) {
            framing = Framing::length;
            remaining = *length;
        } else {
            // Without a length nobody can tell a whole answer from one that was cut; it is left to whoever
            // reads it.
            framing = Framing::until_close;
        }
        return {};
    }

    std::size_t take_buffered(std::span<char> into) {
        const std::size_t size = std::min(into.size(), buffer.size());
        std::memcpy(into.data(), buffer.data().data(), size);
        buffer.consume(size);
        return size;
    }

    asio::awaitable<Result<std::size_t>> read_direct(std::span<char> into) {
        if (buffer.size() > 0) co_return take_buffered(into);
        co_return co_await connection.read_some(into);
    }

    asio::awaitable<Result<std::size_t>> read_length(std::span<char> into) {
        if (remaining == 0) co_return std::size_t{0};
        const auto got = co_await read_direct(into);
        if (!got) co_return got.error();
        if (*got == 0)
            co_return broken("it ends " + std::to_string(remaining) + " bytes before its announced length");
        // What is too much might be the beginning of an answer to somebody else's question.
        if (*got > remaining || (*got == remaining && buffer.size() > 0))
            co_return broken("it is longer than its announced length");
        remaining -= *got;
        co_return *got;
    }

    asio::awaitable<Result<std::size_t>> read_chunked(std::span<char> into) {
        while (!parser->is_done()) {
            auto& body = parser->get().body();
            body.data = into.data();
            body.size = into.size();
            const std::size_t before = buffer.size();
            if (auto parsed = parse(); !parsed) co_return parsed.error();
            if (const std::size_t filled = into.size() - body.size; filled > 0) co_return filled;
            // The parser has taken a chunk's head, and may go on without another read.
            if (buffer.size() < before) continue;
            const auto got = co_await fill();
            if (!got) co_return got.error();
            if (*got == 0) co_return broken("it ends before its last chunk");
        }
        co_return std::size_t{0};
    }

    Connection& connection;
    beast::flat_buffer buffer{kBufferMax};
    std::optional<Parser> parser;
    Framing framing = Framing::none;
    std::uint64_t remaining = 0;
    bool untouched = true;
    bool ended = false;
};

AnswerReader::AnswerReader(Connection& connection) : impl_(std::make_unique<Impl>(connection)) {}

AnswerReader::~AnswerReader() = default;

asio::awaitable<Result<Response>> AnswerReader::read_header() {
    for (unsigned i = 0; i < kInterimMax; ++i) {
        const auto header = co_await impl_->read_one_header();
        if (!header) co_return header.error();
        const auto& message = impl_->parser->get();
        if (message.result_int() >= 100 && message.result_int() < 200) {
            impl_->start_parser();
            continue;
        }
        if (auto framing = impl_->choose_framing(); !framing) co_return framing.error();
        Response response;
        response.status = message.result_int();
        for (const auto& field : message)
            response.headers.push_back({to_lower(field.name_string()), std::string(field.value())});
        co_return response;
    }
    co_return broken("interim answers without end");
}

asio::awaitable<Result<std::size_t>> AnswerReader::read_some(std::span<char> into) {
    Result<std::size_t> got = std::size_t{0};
    switch (impl_->framing) {
        case Framing::none:
            break;
        case Framing::length:
            got = co_await impl_->read_length(into);
            break;
        case Framing::chunked:
            got = co_await impl_->read_chunked(into);
            break;
        case Framing::until_close:
            got = co_await impl_->read_direct(into);
            break;
    }
    if (got && *got == 0) impl_->ended = true;
    co_return got;
}

std::optional<std::uint64_t> AnswerReader::announced_bytes() const {
    const auto length = impl_->parser->content_length();
    if (!length) return std::nullopt;
    return *length;
}

bool AnswerReader::is_untouched() const {
    return impl_->untouched;
}

bool AnswerReader::is_connection_reusable() const {
    // With a byte left over, the next answer would begin with it.
    return impl_->ended && impl_->framing != Framing::until_close && impl_->buffer.size() == 0 &&
           impl_->parser->get().keep_alive();
}

}  // namespace batchd::http
