#include "control/client.hpp"

#include <exception>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include "server/socket/peer.hpp"
#include "server/socket/unix_listener.hpp"

namespace batchd::control {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

std::string text_at(const json::object& object, std::string_view key) {
    const auto* const value = object.if_contains(key);
    const auto* const text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

Result<Reply> read_reply(const JsonAnswer& answer) {
    const json::object* const object = &answer.body;
    if (const auto* const ok = object->if_contains("ok")) {
        Reply reply{.ok = std::nullopt, .sentence = text_at(*object, "result"), .status = answer.status};
        // null is an answer as well: the command stands, and is not done yet.
        if (ok->is_bool()) reply.ok = ok->get_bool();
        return reply;
    }
    const auto* const failure = object->if_contains("error");
    if (failure == nullptr || !failure->is_object())
        return error(Errc::protocol, "the daemon's answer can't be read");
    // An answer that a command was not understood is an answer: nothing came of it, and that is known.
    return Reply{.ok = false, .sentence = text_at(failure->get_object(), "message"), .status = answer.status};
}

}  // namespace

Result<UniqueFd> connect(const Path& socket, std::optional<pid_t> daemon) {
    const std::string path = socket.string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, server::kSocketPathMax);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // Blocking: where the queue of the listener is full, a connect that does not wait fails at once.
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return system_failure(path);
    // Several daemons on one machine may be told apart only by whose process listens: a command for one
    // must not be obeyed by another.
    if (daemon && server::peer_of(fd.get()).pid != daemon)
        return error(Errc::locked, path + " is the socket of another daemon");
    return fd;
}

Result<Reply> post(UniqueFd connection, JsonCall command, Millis patience) {
    command.method = "POST";
    // A command has nothing else to do, so it runs a loop of its own until the answer is there.
    asio::io_context context(1);
    Result<JsonAnswer> answer = error(Errc::protocol, "the daemon was not asked");
    std::exception_ptr failure;
    asio::co_spawn(context, call(std::move(connection), std::move(command), patience),
                   [&](std::exception_ptr thrown, Result<JsonAnswer> posted) {
                       failure = thrown;
                       answer = std::move(posted);
                   });
    context.run();
    // Only what nobody expects is thrown; all else is in the answer.
    if (failure) std::rethrow_exception(failure);
    if (!answer) return answer.error();
    return read_reply(*answer);
}

}  // namespace batchd::control
