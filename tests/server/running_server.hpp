#pragma once

#include <functional>
#include <optional>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "server/server.hpp"
#include "server/socket/unix_listener.hpp"
#include "support/temp_dir.hpp"

namespace batchd::server {

/// What a test puts behind the routes.
using Handle = std::function<boost::asio::awaitable<void>(Exchange&)>;

/// Answers "hello" to whatever is asked.
boost::asio::awaitable<void> say_hello(Exchange& exchange);

/// A server on a Unix socket and on a port of loopback, in a thread of its own, until it is destroyed.
class RunningServer {
public:
    explicit RunningServer(Handle handle, Limits limits = {});
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;
    ~RunningServer();

    Path path() const { return directory_.path() / "s"; }
    std::uint16_t port() const { return port_; }
    boost::asio::io_context& context() { return context_; }
    /// Runs beside it, in its thread, until it is destroyed.
    void run_beside(boost::asio::awaitable<void> task);

private:
    class Behind final : public Handler {
    public:
        explicit Behind(Handle handle) : handle_(std::move(handle)) {}
        boost::asio::awaitable<void> handle(Exchange& exchange) override { return handle_(exchange); }

    private:
        Handle handle_;
    };

    boost::asio::awaitable<void> serve();

    testing::TempDir directory_;
    boost::asio::io_context context_{1};
    std::unique_ptr<Clock> clock_ = make_system_clock();
    Behind behind_;
    Server server_;
    TaskGroup tasks_;
    std::optional<UnixListener> unix_;
    UniqueFd tcp_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace batchd::server
