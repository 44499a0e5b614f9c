#include "sim/server.hpp"

#include <cstdio>
#include <future>
#include <stdexcept>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/async/task_group.hpp"
#include "sim/admin_api.hpp"
#include "sim/backend.hpp"
#include "sim/connection.hpp"
#include "sim/stream.hpp"

namespace batchd::sim {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::ip::tcp;

namespace {

std::optional<asio::ssl::context> tls_context(const ServerOptions& options) {
    if (options.tls_cert.empty()) return std::nullopt;
    asio::ssl::context context(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.use_certificate_chain_file(options.tls_cert.string());
    context.use_private_key_file(options.tls_key.string(), asio::ssl::context::pem);
    return context;
}

tcp::acceptor listen(asio::io_context& context, std::uint16_t port) {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    return tcp::acceptor(context, endpoint);  // reuses the address
}

void expect(const Result<void>& result) {
    if (!result) throw std::runtime_error(to_string(result.error()));
}

}  // namespace

struct Server::Impl {
    explicit Impl(ServerOptions options)
        : tls(tls_context(options)),
          acceptor(listen(context, options.port)),
          port(acceptor.local_endpoint().port()),
          backend(context.get_executor(), options.data,
                  options.time == ServerOptions::Time::real ? SimClock::Mode::real : SimClock::Mode::manual,
                  std::move(options.settings), std::move(options.key)),
          tasks(context.get_executor()) {}

    asio::awaitable<void> accept() {
        for (;;) {
            auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
            if (error == asio::error::operation_aborted) co_return;
            if (error) continue;
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            tasks.spawn(serve(backend, stream_on(std::move(socket))));
        }
    }

    std::unique_ptr<Stream> stream_on(tcp::socket socket) {
        return tls ? make_tls_stream(std::move(socket), *tls) : make_plain_stream(std::move(socket));
    }

    /// Spawns from within the context: a task that is cancelled before its first step, as in a server that
    /// ends at once, throws through run() in Asio 1.26.
    asio::awaitable<void> work() {
        tasks.spawn(accept());
        co_await tasks.join();
    }

    /// Settings belong to the server's thread.
    std::string base_path() {
        std::promise<std::string> path;
        asio::post(context, [&] { path.set_value(backend.settings.base_path); });
        return path.get_future().get();
    }

    void run() {
        asio::co_spawn(context, work(), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        try {
            context.run();
        } catch (const std::exception& bug) {
            std::fprintf(stderr, "the practice provider has a bug: %s\n", bug.what());
            std::fflush(stderr);
            throw;  // and ends the program with it
        }
    }

    asio::awaitable<void> settle_then(const std::function<void(Backend&)>& use, std::promise<void>& done) {
        try {
            co_await backend.runner.settle();
            use(backend);
            done.set_value();
        } catch (...) {
            done.set_exception(std::current_exception());
        }
    }

    asio::io_context context{1};
    std::optional<asio::ssl::context> tls;
    tcp::acceptor acceptor;
    std::uint16_t port;
    Backend backend;
    TaskGroup tasks;
    std::thread thread;
};

Server::Server(ServerOptions options) {
    try {
        impl_ = std::make_unique<Impl>(std::move(options));
    } catch (const boost::system::system_error& e) {
        throw std::runtime_error(e.what());
    }
    impl_->thread = std::thread([this] { impl_->run(); });
}

Server::~Server() {
    asio::post(impl_->context, [this] { impl_->tasks.cancel(); });
    impl_->thread.join();
    impl_->backend.runner.stop();
}

std::uint16_t Server::port() const {
    return impl_->port;
}

std::string Server::base_url() const {
    return (impl_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(impl_->port) +
           impl_->base_path();
}

void Server::with(std::function<void(Backend&)> use) {
    std::promise<void> done;
    asio::post(impl_->context, [&] { impl_->tasks.spawn(impl_->settle_then(use, done)); });
    done.get_future().get();
}

void Server::change_settings(std::string_view changes) {
    const json::value parsed = json::parse({changes.data(), changes.size()});
    with([&](Backend& backend) { expect(apply(backend.settings, parsed.as_object())); });
}

void Server::add_fault(std::string_view fault) {
    const json::value parsed = json::parse({fault.data(), fault.size()});
    with([&](Backend& backend) { expect(backend.faults.add(parsed)); });
}

void Server::clear_faults() {
    with([](Backend& backend) { backend.faults.clear(); });
}

void Server::add_lie(std::string_view lie) {
    const json::value parsed = json::parse({lie.data(), lie.size()});
    with([&](Backend& backend) { expect(backend.lies.add(parsed)); });
}

void Server::clear_lies() {
    with([](Backend& backend) { backend.lies.clear(); });
}

void Server::plant_batches(std::string_view order) {
    const json::value parsed = json::parse({order.data(), order.size()});
    with([&](Backend& backend) { expect(plant(backend, parsed.as_object())); });
}

void Server::add_key(std::string key, std::string account) {
    with([&](Backend& backend) { backend.other_keys[key] = account; });
}

void Server::set_key(std::string key) {
    with([&](Backend& backend) { backend.key = key; });
}

void Server::advance_clock(Millis by) {
    with([&](Backend& backend) { backend.clock.advance(by); });
}

std::string Server::report() {
    std::string text;
    with([&](Backend& backend) { text = json::serialize(full_report(backend, RowDetail::include)); });
    return text;
}

}  // namespace batchd::sim
