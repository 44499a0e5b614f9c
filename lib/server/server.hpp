#pragma once

#include <list>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/async/task_group.hpp"
#include "base/clock.hpp"
#include "base/disk/fd.hpp"
#include "server/session.hpp"

namespace batchd::server {

/// A small HTTP/1.1 server for clients that need not mean well: each costs bounded memory, and none keeps the
/// others waiting. Where all connections are taken, the one goes that has been silent for longest; where
/// every one is being answered, the newcomer gets a 503.
class Server {
public:
    /// All of them outlive it.
    Server(boost::asio::any_io_executor executor, Handler& handler, Clock& clock, Limits limits);

    /// Serves the clients of listening sockets, Unix and TCP, until cancelled. The thread of `executor` only.
    boost::asio::awaitable<void> run(std::vector<UniqueFd> listeners);

    std::size_t connections() const { return sessions_.size(); }

private:
    /// Takes connections from one listener; a shortage of descriptors passes by itself.
    boost::asio::awaitable<void> accept(UniqueFd listener);
    /// One connection from its beginning to its end.
    boost::asio::awaitable<void> serve(Stream stream);
    /// False when there is no place for one more.
    bool make_room();

    boost::asio::any_io_executor executor_;
    Handler& handler_;
    Clock& clock_;
    Limits limits_;
    TaskGroup tasks_;  // one for each listener and each connection
    std::size_t listeners_ = 0;
    /// Those that are open, for make_room() to choose from. They are owned by their tasks.
    std::list<Session*> sessions_;
};

}  // namespace batchd::server
