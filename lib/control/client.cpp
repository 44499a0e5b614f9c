#include "control/client.hpp"

#include <exception>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "server/socket/peer.hpp"
#include "server/socket/stream.hpp"
#include "server/socket/unix_listener.hpp"

namespace batchd::control {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

constexpr std::uint64_t kAnswerMax = 64 * 1024;
using Posted = Result<http::response<http::string_body>>;

asio::awaitable<Posted> exchange(server::Stream& stream, http::request<http::string_body>& request,
                                 Millis patience) {
    stream.expires_after(patience);
    const auto [write_error, written] = co_await http::async_write(stream, request, server::kTuple);
    if (write_error) co_return Error{write_error, "ask the daemon"};
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerMax);
    const auto [read_error, got] = co_await http::async_read(stream, buffer, parser, server::kTuple);
    if (read_error) co_return Error{read_error, "the daemon was asked, and has not answered"};
    co_return parser.release();
}

std::string text_at(const json::object& object, std::string_view key) {
    const auto* const value = object.if_contains(key);
    const auto* const text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

Result<Reply> read_reply(const http::response<http::string_body>& answer) {
    boost::system::error_code ec;
    const auto parsed = json::parse(answer.body(), ec);
    const auto* const object = ec ? nullptr : parsed.if_object();
    if (object == nullptr) return error(Errc::protocol, "the daemon's answer can't be read");
    if (const auto* const ok = object->if_contains("ok")) {
        Reply reply{.ok = std::nullopt, .sentence = text_at(*object, "result")};
        if (ok->is_bool()) reply.ok = ok->get_bool();
        return reply;
    }
    const auto* const failure = object->if_contains("error");
    if (failure == nullptr || !failure->is_object())
        return error(Errc::protocol, "the daemon's answer can't be read");
    return Reply{.ok = false, .sentence = text_at(failure->get_object(), "message")};
}

}  // namespace

Result<UniqueFd> connect(const Path& socket, pid_t daemon) {
    const std::string path = socket.string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, server::kSocketPathMax);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // Blocking: where the queue of the listener is full, a connect that does not wait fails at once.
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return system_failure(path);
    if (server::peer_of(fd.get()).pid != daemon)
        return error(Errc::locked, path + " is the socket of another daemon");
    return fd;
}

Result<Reply> post(UniqueFd connection, const std::string& path, const std::string& body, Millis patience) {
    asio::io_context context(1);
    asio::generic::stream_protocol::socket socket(context, {AF_UNIX, 0}, connection.release());
    server::Stream stream(std::move(socket));
    http::request<http::string_body> request(http::verb::post, path, 11, body);
    request.set(http::field::host, "batchd");
    request.set(http::field::connection, "close");
    request.set(http::field::content_type, "application/json");
    request.prepare_payload();
    Posted answer = error(Errc::protocol, "the daemon was not asked");
    std::exception_ptr failure;
    asio::co_spawn(context, exchange(stream, request, patience),
                   [&](std::exception_ptr thrown, Posted posted) {
                       failure = thrown;
                       answer = std::move(posted);
                   });
    context.run();
    if (failure) std::rethrow_exception(failure);
    if (!answer) return answer.error();
    return read_reply(*answer);
}

}  // namespace batchd::control
