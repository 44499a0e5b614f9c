#include "control/json_call.hpp"

#include <sys/socket.h>

#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/parse.hpp>

#include "server/socket/stream.hpp"

namespace batchd::control {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

constexpr const char* kStateHeader = "batchd-state";
constexpr std::uint64_t kAnswerMax = 4 * 1024 * 1024;  // a page of notices

Result<JsonAnswer> read_answer(const http::response<http::string_body>& answer) {
    boost::system::error_code ec;
    auto parsed = json::parse(answer.body(), ec);
    if (ec || !parsed.is_object()) return error(Errc::protocol, "the daemon's answer can't be read");
    return JsonAnswer{answer.result_int(), std::move(parsed.get_object())};
}

}  // namespace

asio::awaitable<Result<JsonAnswer>> call(UniqueFd connection, JsonCall asked, Millis patience) {
    asio::generic::stream_protocol::socket socket(co_await asio::this_coro::executor, {AF_UNIX, 0},
                                                  connection.release());
    server::Stream stream(std::move(socket));
    http::request<http::string_body> request(http::string_to_verb(asked.method), asked.path, 11, asked.body);
    request.set(http::field::host, "batchd");
    // One question for each connection: a person's command asks once, and the next may be of another daemon.
    request.set(http::field::connection, "close");
    request.set(http::field::content_type, "application/json");
    if (!asked.state.empty()) request.set(kStateHeader, asked.state);
    request.prepare_payload();
    // One limit for question and answer together: the daemon may be busy with a transaction, and who waits
    // is a person.
    stream.expires_after(patience);
    const auto [write_error, written] = co_await http::async_write(stream, request, server::kTuple);
    if (write_error) co_return failed(write_error, "ask the daemon");
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerMax);
    const auto [read_error, got] = co_await http::async_read(stream, buffer, parser, server::kTuple);
    if (read_error) co_return failed(read_error, "the daemon was asked, and has not answered");
    co_return read_answer(parser.release());
}

}  // namespace batchd::control
