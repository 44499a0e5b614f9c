#include "http/connection.hpp"

#include <algorithm>
#include <tuple>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <cerrno>

#include <sys/socket.h>

#include "http/resolve.hpp"

namespace batchd::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using PlainStream = beast::tcp_stream;
using TlsStream = asio::ssl::stream<beast::tcp_stream>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
/// A name with more addresses than this is a mistake or a joke.
constexpr std::size_t kAddressesMax = 8;
/// One dead address must not eat the time of the others.
constexpr Millis kAddressTimeMax = std::chrono::seconds(10);
/// A peer that sends a byte now and then would hold a connection for ever: this much has to move in ten time
/// limits.
constexpr std::size_t kTrickleBytes = 4096;
constexpr int kTrickleWindows = 10;

/// Tells a slow connection from one that is only kept from timing out.
class Pace {
public:
    explicit Pace(ConnectLimits limits) : limits_(limits) {}
    void start() { since_ = limits_.clock.uptime(), moved_ = 0; }
    void moved(std::size_t bytes) { moved_ += bytes; }
    bool is_trickle() {
        if (limits_.clock.uptime() - since_ < limits_.timeout * kTrickleWindows) return false;
        const bool too_slow = moved_ < kTrickleBytes;
        start();
        return too_slow;
    }

private:
    ConnectLimits limits_;
    Millis since_{};
    std::size_t moved_ = 0;
};

template <class Stream>
class StreamConnection final : public Connection {
public:
    StreamConnection(std::unique_ptr<Stream> stream, ConnectLimits limits)
        : stream_(std::move(stream)), limits_(limits), pace_(limits) {
        pace_.start();
    }

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
        if (pace_.is_trickle()) co_return Error{beast::error::timeout, "receiving"};
        lowest().expires_after(limits_.timeout);
        const auto [ec, got] =
            co_await stream_->async_read_some(asio::buffer(into.data(), into.size()), kTuple);
        if (ec == asio::error::eof) co_return std::size_t{0};
        if (ec) co_return failed(ec, "receiving");
        pace_.moved(got);
        co_return got;
    }

    asio::awaitable<Result<void>> write_all(std::string_view bytes) override {
        pace_.start();
        while (!bytes.empty()) {
            lowest().expires_after(limits_.timeout);
            const auto [ec, put] =
                co_await stream_->async_write_some(asio::buffer(bytes.data(), bytes.size()), kTuple);
            if (ec) co_return failed(ec, "sending");
            pace_.moved(put);
            bytes.remove_prefix(put);
            if (!bytes.empty() && pace_.is_trickle()) co_return Error{beast::error::timeout, "sending"};
        }
        pace_.start();
        co_return Result<void>();
    }

    bool is_quiet() const override {
        char byte = 0;
        const int fd = beast::get_lowest_layer(*stream_).socket().native_handle();
        return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }

private:
    beast::tcp_stream& lowest() { return beast::get_lowest_layer(*stream_); }

    std::unique_ptr<Stream> stream_;
    ConnectLimits limits_;
    Pace pace_;
};

/// Why the peer's certificate was refused, or "" when that wasn't it.
std::string certificate_problem(SSL* session) {
    const long verdict = SSL_get_verify_result(session);
    if (verdict == X509_V_OK) return {};
    return std::string("certificate verify failed: ") + X509_verify_cert_error_string(verdict);
}

/// Asks the server for the name's certificate, and lets nothing pass that isn't for it.
bool expect_host(SSL* session, const std::string& host) {
    if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(session, host.c_str()) != 1) return false;
    // SSL_set_tlsext_host_name() without its old-style cast; OpenSSL copies the name.
    return SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
}

using Connected = Outcome<std::unique_ptr<Connection>>;

TransportError connect_failure(const Origin& origin, const Error& error) {
    TransportError failure = transport_error(Phase::connect, error);
    failure.text = "can't connect to " + to_string(origin) + ": " + failure.text;
    return failure;
}

asio::awaitable<Connected> secure(beast::tcp_stream tcp_stream, Origin origin, asio::ssl::context& tls,
                                  ConnectLimits limits) {
    auto stream = std::make_unique<TlsStream>(std::move(tcp_stream), tls);
    SSL* session = stream->native_handle();
    if (!expect_host(session, origin.host))
        co_return connect_failure(origin, error(Errc::bad_input, "the host can't be named in TLS"));
    beast::get_lowest_layer(*stream).expires_after(limits.timeout);
    const auto [ec] = co_await stream->async_handshake(asio::ssl::stream_base::client, kTuple);
    if (ec) {
        const std::string problem = certificate_problem(session);
        co_return connect_failure(origin, failed(ec, problem.empty() ? "TLS handshake" : problem));
    }
    std::unique_ptr<Connection> secured =
        std::make_unique<StreamConnection<TlsStream>>(std::move(stream), limits);
    co_return secured;
}

}  // namespace

asio::awaitable<Connected> connect(Origin origin, asio::ssl::context* tls, ConnectLimits limits) {
    const auto addresses = co_await resolve(origin.host, limits.timeout);
    if (!addresses) co_return connect_failure(origin, addresses.error());
    auto stream = std::make_unique<PlainStream>(co_await asio::this_coro::executor);
    Error last = error(Errc::not_found, "the name has no address");
    bool connected = false;
    for (std::size_t i = 0; i < std::min(addresses->size(), kAddressesMax) && !connected; ++i) {
        const std::string& address = (*addresses)[i];
        boost::system::error_code ec;
        const tcp::endpoint endpoint(asio::ip::make_address(address, ec), origin.port);
        if (ec) continue;
        stream->expires_after(std::min(limits.timeout, kAddressTimeMax));
        std::tie(ec) = co_await stream->async_connect(endpoint, kTuple);
        if (!ec) connected = true;
        if (ec) last = failed(ec, address);
        if (ec) stream = std::make_unique<PlainStream>(co_await asio::this_coro::executor);
    }
    if (!connected) co_return connect_failure(origin, last);
    boost::system::error_code ignored;
    stream->socket().set_option(tcp::no_delay(true), ignored);
    if (origin.scheme == Scheme::https)
        co_return co_await secure(std::move(*stream), std::move(origin), *tls, limits);
    std::unique_ptr<Connection> plain =
        std::make_unique<StreamConnection<PlainStream>>(std::move(stream), limits);
    co_return plain;
}

}  // namespace batchd::http
