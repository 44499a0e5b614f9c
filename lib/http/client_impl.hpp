#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include "http/client.hpp"
#include "http/connection.hpp"
#include "http/content/answer_reader.hpp"
#include "http/content/form_source.hpp"
#include "http/idle_connections.hpp"
#include "http/tls.hpp"

/// What the sources of Client share. For .cpp files of this directory only.
namespace batchd::http {

/// An answer whose body is still to be read, with what it is read from.
struct Answer {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<AnswerReader> reader;
    Response response;
};

inline TransportError protocol_error(std::string text) {
    return {Phase::sent, Errc::protocol, std::move(text)};
}

/// Where a redirect may lead.
enum class RedirectReach { same_origin, anywhere };

struct Client::Impl {
    class FileDownload;

    Impl(Options with, boost::asio::any_io_executor executor, boost::asio::thread_pool& threads, Clock& time)
        : options(std::move(with)),
          pool(threads),
          clock(time),
          downloads(executor, std::max(options.connections_max, 2U) - 1),
          turnstile(std::move(executor), options.connections_max) {}

    /// The TLS settings are read when they are first needed, which may be never: reading the system's store
    /// takes its time.
    Result<boost::asio::ssl::context*> tls_context() {
        if (tls == nullptr) {
            auto made = make_tls_context(options.ca_file);
            if (!made) return made.error();
            tls = std::move(*made);
        }
        return tls.get();
    }

    std::unique_ptr<Connection> take_idle(const Origin& origin, Method method) {
        // Connections to anybody else lead to a storage behind a redirect, whose links are used once.
        return origin == options.origin ? idle.take(method, clock.uptime()) : nullptr;
    }

    void keep(const Origin& origin, Answer answer) {
        if (origin != options.origin || !answer.reader->is_connection_reusable()) return;
        idle.keep(std::move(answer.connection), clock.uptime());
    }

    boost::asio::awaitable<Outcome<std::unique_ptr<Connection>>> connect_to(Origin origin) {
        boost::asio::ssl::context* context = nullptr;
        if (origin.scheme == Scheme::https) {
            auto made = tls_context();
            if (!made) co_return transport_error(Phase::connect, made.error());
            context = *made;
        }
        const ConnectLimits limits{options.timeout, options.silence.value_or(options.timeout), clock};
        co_return co_await connect(std::move(origin), context, limits);
    }

    /// The body goes to `sink`, or where there is none into the response.
    boost::asio::awaitable<Outcome<Response>> read_body(Answer& answer, const BodySink& sink,
                                                        const BodyRoom& room = {});
    boost::asio::awaitable<Outcome<Answer>> ask(Origin origin, const Request& request,
                                                const FormSource* source);
    boost::asio::awaitable<Outcome<Answer>> follow(Request request, Origin& origin, RedirectReach reach);

    Options options;
    boost::asio::thread_pool& pool;
    Clock& clock;
    /// One place fewer than there are, so that a few slow downloads leave one to the calls that move little.
    Turnstile downloads;
    Turnstile turnstile;
    std::unique_ptr<boost::asio::ssl::context> tls;  // outlives the connections below
    IdleConnections idle;
};

}  // namespace batchd::http
