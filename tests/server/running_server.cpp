#include "server/running_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace batchd::server {

namespace asio = boost::asio;

namespace {

UniqueFd listen_on_loopback() {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.get(), 16) != 0)
        throw std::runtime_error("can't listen on loopback");
    return fd;
}

std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

}  // namespace

asio::awaitable<void> say_hello(Exchange& exchange) {
    Answer hello{.head = {.status = 200, .headers = {{"Content-Type", "text/plain"}}}, .body = "hello"};
    (void)co_await exchange.answer(std::move(hello));
}

RunningServer::RunningServer(Handle handle, Limits limits)
    : behind_(std::move(handle)),
      server_(context_.get_executor(), behind_, *clock_, limits),
      tasks_(context_.get_executor()),
      unix_(UnixListener::open(path(), std::nullopt).value()),
      tcp_(listen_on_loopback()),
      port_(port_of(tcp_.get())) {
    asio::co_spawn(context_, serve(), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    thread_ = std::thread([this] { context_.run(); });
}

RunningServer::~RunningServer() {
    asio::post(context_, [this] { tasks_.cancel(); });
    thread_.join();
}

void RunningServer::run_beside(asio::awaitable<void> task) {
    asio::post(context_, [this, task = std::move(task)]() mutable { tasks_.spawn(std::move(task)); });
}

asio::awaitable<void> RunningServer::serve() {
    std::vector<UniqueFd> listeners;
    listeners.push_back(unix_->share());
    listeners.push_back(std::move(tcp_));
    tasks_.spawn(server_.run(std::move(listeners)));
    co_await tasks_.join();
}

}  // namespace batchd::server
