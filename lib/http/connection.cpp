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

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "http/resolve.hpp"
#include "http/watchdog.hpp"

namespace batchd::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;

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
    // Looked at once a window, so that a short pause in a fast transfer is none.
    bool is_trickle() {
        if (limits_.clock.uptime() - since_ < limits_.silence * kTrickleWindows) return false;
        const bool too_slow = moved_ < kTrickleBytes;
        start();
        return too_slow;
    }

private:
    ConnectLimits limits_;
    Millis since_{};
    std::size_t moved_ = 0;
};

void close(tcp::socket::lowest_layer_type& socket) {
    boost::system::error_code ignored;
    socket.close(ignored);
}

/// Servers are silent while they think, and what stands between drops a silent connection after a minute or
/// more, without a word to either end. So the kernel asks, and ends what does not answer. Without it a dead
/// connection is found later, so failures are not looked at.
void keep_alive(int fd) {
    const auto set = [fd](int level, int option, int value) {
        ::setsockopt(fd, level, option, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set(IPPROTO_TCP, TCP_KEEPCNT, 4);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 90'000);  // milliseconds, until what was sent must have been received
}

/// What an operation ended with, which the watchdog may have brought about.
Error trouble(const Watchdog& watchdog, boost::system::error_code ec, std::string doing) {
    // The socket was closed by us, so that its own error would be misleading.
    if (watchdog.has_given_up()) return {beast::error::timeout, std::move(doing)};
    return failed(ec, std::move(doing));
}

template <class Stream>
class StreamConnection final : public Connection {
public:
    StreamConnection(std::unique_ptr<Stream> stream, ConnectLimits limits)
        : stream_(std::move(stream)),
          pace_(limits),
          watchdog_(stream_->get_executor(), limits.silence, [this] { close(stream_->lowest_layer()); }) {
        pace_.start();
    }

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
        if (pace_.is_trickle()) co_return Error{beast::error::timeout, "receiving"};
        watchdog_.begin();
        const auto [ec, got] =
            co_await stream_->async_read_some(asio::buffer(into.data(), into.size()), kTuple);
        watchdog_.end();
        // A TLS connection that ends without its own farewell has another error, for somebody may have cut it
        // off.
        if (ec == asio::error::eof) co_return std::size_t{0};
        if (ec) co_return trouble(watchdog_, ec, "receiving");
        pace_.moved(got);
        co_return got;
    }

    asio::awaitable<Result<void>> write_all(std::string_view bytes) override {
        pace_.start();
        while (!bytes.empty()) {
            watchdog_.begin();
            const auto [ec, put] =
                co_await stream_->async_write_some(asio::buffer(bytes.data(), bytes.size()), kTuple);
            watchdog_.end();
            if (ec) co_return trouble(watchdog_, ec, "sending");
            pace_.moved(put);
            bytes.remove_prefix(put);
            if (!bytes.empty() && pace_.is_trickle()) co_return Error{beast::error::timeout, "sending"};
        }
        pace_.start();
        co_return Result<void>();
    }

    void end_sending() override {
        boost::system::error_code ignored;
        stream_->lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
    }

    void rest() override { watchdog_.rest(); }

    bool is_quiet() const override {
        char byte = 0;
        const int fd = stream_->lowest_layer().native_handle();
        return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
    }

private:
    std::unique_ptr<Stream> stream_;
    Pace pace_;
    Watchdog watchdog_;
};

/// Why the peer's certificate was refused, or "" when that wasn't it.
std::string certificate_problem(SSL* session) {
    const long verdict = SSL_get_verify_result(session);
    if (verdict == X509_V_OK) return {};
    return std::string("certificate verify failed: ") + X509_verify_cert_error_string(verdict);
}

/// Asks the server for the name's certificate, and lets nothing pass that isn't for it.
bool expect_host(SSL* session, const std::string& host) {
    // An address stands in a certificate as such, and may not be sent as a name.
    if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
    // "f*.example.org" is no name that a certificate should be trusted for. Source: RFC 9525, 6.3.
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

asio::awaitable<Connected> secure(tcp::socket socket, Origin origin, asio::ssl::context& tls,
                                  ConnectLimits limits) {
    auto stream = std::make_unique<TlsStream>(std::move(socket), tls);
    SSL* session = stream->native_handle();
    if (!expect_host(session, origin.host))
        co_return connect_failure(origin, error(Errc::bad_input, "the host can't be named in TLS"));
    Watchdog watchdog(stream->get_executor(), limits.timeout, [&] { close(stream->lowest_layer()); });
    watchdog.begin();
    const auto [ec] = co_await stream->async_handshake(asio::ssl::stream_base::client, kTuple);
    if (ec) {
        const std::string problem = certificate_problem(session);
        co_return connect_failure(origin, trouble(watchdog, ec, problem.empty() ? "TLS handshake" : problem));
    }
    std::unique_ptr<Connection> secured =
        std::make_unique<StreamConnection<TlsStream>>(std::move(stream), limits);
    co_return secured;
}

asio::awaitable<Result<tcp::socket>> connect_to_address(const std::string& address, std::uint16_t port,
                                                        Millis limit) {
    boost::system::error_code ec;
    const tcp::endpoint endpoint(asio::ip::make_address(address, ec), port);
    if (ec) co_return failed(ec, address);
    tcp::socket socket(co_await asio::this_coro::executor);
    Watchdog watchdog(socket.get_executor(), limit, [&] { close(socket); });
    watchdog.begin();
    std::tie(ec) = co_await socket.async_connect(endpoint, kTuple);
    if (ec) co_return trouble(watchdog, ec, address);
    socket.set_option(tcp::no_delay(true), ec);  // slower without, not wrong
    keep_alive(socket.native_handle());
    co_return std::move(socket);
}

}  // namespace

asio::awaitable<Connected> connect(Origin origin, asio::ssl::context* tls, ConnectLimits limits) {
    const auto addresses = co_await resolve(origin.host, limits.timeout);
    if (!addresses) co_return connect_failure(origin, addresses.error());
    Result<tcp::socket> socket = error(Errc::not_found, "the name has no address");
    for (std::size_t i = 0; i < std::min(addresses->size(), kAddressesMax) && !socket; ++i)
        // One after the other, in the system's own order: the first that answers is taken.
        socket = co_await connect_to_address((*addresses)[i], origin.port,
                                             std::min(limits.timeout, kAddressTimeMax));
    if (!socket) co_return connect_failure(origin, socket.error());
    if (origin.scheme == Scheme::https)
        co_return co_await secure(std::move(*socket), std::move(origin), *tls, limits);
    std::unique_ptr<Connection> plain = std::make_unique<StreamConnection<tcp::socket>>(
        std::make_unique<tcp::socket>(std::move(*socket)), limits);
    co_return plain;
}

}  // namespace batchd::http
