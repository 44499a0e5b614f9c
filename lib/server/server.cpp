#include "server/server.hpp"

#include <algorithm>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>

#include "server/error_answer.hpp"

namespace batchd::server {

namespace asio = boost::asio;

namespace {

using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;

/// Without descriptors or memory accept() fails at once, again and again.
constexpr Millis kAcceptPause{100};

Acceptor acceptor_on(const asio::any_io_executor& executor, UniqueFd listener) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return Acceptor(executor, Protocol(address.ss_family, 0), listener.release());
}

/// An answer in pieces is not held back until the client has acknowledged the piece before.
void send_at_once(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a Unix socket does not know it
}

/// In one write, which the kernel takes or does not: nobody waits for it.
void say_busy(int socket) {
    const Answer answer = error_answer(503, "busy", "all connections are in use; try again");
    const std::string bytes =
        serialize_head(answer.head, Framing::length, answer.body.size(), false) + answer.body;
    (void)!::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// A session in the list, for as long as it lives.
class Listed {
public:
    Listed(std::list<Session*>& list, Session& session)
        : list_(list), at_(list.insert(list.end(), &session)) {}
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;
    ~Listed() { list_.erase(at_); }

private:
    std::list<Session*>& list_;
    std::list<Session*>::iterator at_;
};

}  // namespace

Server::Server(asio::any_io_executor executor, Handler& handler, Clock& clock, Limits limits)
    : executor_(executor), handler_(handler), clock_(clock), limits_(limits), tasks_(executor) {}

asio::awaitable<void> Server::run(std::vector<UniqueFd> listeners) {
    listeners_ = listeners.size();
    for (UniqueFd& listener : listeners) tasks_.spawn(accept(std::move(listener)));
    co_await tasks_.join();
}

asio::awaitable<void> Server::accept(UniqueFd listener) {
    // Of any family, since a listener may come from systemd, who knows of a Unix socket or an address what
    // we need not know.
    Acceptor acceptor = acceptor_on(executor_, std::move(listener));
    for (;;) {
        auto [ec, socket] = co_await acceptor.async_accept(kTuple);
        if (ec) {
            (void)failed(ec, {});  // a cancellation unwinds
            // A connection that is closed meanwhile gives back what was missing.
            co_await clock_.sleep_for(kAcceptPause);
            continue;
        }
        send_at_once(socket.native_handle());
        if (!make_room()) {
            // All others are at work. The client hears of it at once, and can come again.
            say_busy(socket.native_handle());
            continue;
        }
        Stream stream(std::move(socket));
        tasks_.spawn(serve(std::move(stream)));
    }
}

asio::awaitable<void> Server::serve(Stream stream) {
    Session session(std::move(stream), handler_, limits_, clock_);
    const Listed listed(sessions_, session);
    co_await session.run();
}

bool Server::make_room() {
    // The listeners are tasks as well, and no connections.
    if (tasks_.size() - listeners_ < limits_.connections_max) return true;
    const auto silent =
        // The one that has waited longest for a request, which is what browsers leave open: nobody is in the
        // middle of anything there.
        std::min_element(sessions_.begin(), sessions_.end(), [](const Session* a, const Session* b) {
            return a->waiting_since().value_or(Millis::max()) < b->waiting_since().value_or(Millis::max());
        });
    if (silent == sessions_.end() || !(*silent)->waiting_since()) return false;
    (*silent)->hang_up();
    return true;
}

}  // namespace batchd::server
