#include "sim/stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace batchd::sim {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

void reset_socket(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);  // no FIN: the peer sees a reset
    socket.close(ignored);
}

template <class Layer>
asio::awaitable<Received> read_from(Layer& layer, char* into, std::size_t size) {
    const auto [error, count] = co_await layer.async_read_some(asio::buffer(into, size), kToken);
    co_return Received{error, count};
}

template <class Layer>
asio::awaitable<error_code> write_to(Layer& layer, std::string_view bytes) {
    const auto [error, count] = co_await asio::async_write(layer, asio::buffer(bytes), kToken);
    co_return error;
}

class PlainStream final : public Stream {
public:
    explicit PlainStream(tcp::socket socket) : socket_(std::move(socket)) {}
    asio::awaitable<error_code> handshake() override { co_return error_code(); }
    asio::awaitable<Received> read_some(char* into, std::size_t size) override {
        return read_from(socket_, into, size);
    }
    asio::awaitable<error_code> write(std::string_view bytes) override { return write_to(socket_, bytes); }
    asio::awaitable<void> close() override {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
        co_return;
    }
    void reset() override { reset_socket(socket_); }

private:
    tcp::socket socket_;
};

class TlsStream final : public Stream {
public:
    TlsStream(tcp::socket socket, asio::ssl::context& context) : layer_(std::move(socket), context) {}
    asio::awaitable<error_code> handshake() override {
        const auto [error] = co_await layer_.async_handshake(asio::ssl::stream_base::server, kToken);
        co_return error;
    }
    asio::awaitable<Received> read_some(char* into, std::size_t size) override {
        return read_from(layer_, into, size);
    }
    asio::awaitable<error_code> write(std::string_view bytes) override { return write_to(layer_, bytes); }
    asio::awaitable<void> close() override {
        // Sends our close_notify without waiting for the peer's: many clients never send one.
        SSL_set_quiet_shutdown(layer_.native_handle(), 0);
        SSL_set_shutdown(layer_.native_handle(), SSL_RECEIVED_SHUTDOWN);
        co_await layer_.async_shutdown(kToken);
        error_code ignored;
        layer_.next_layer().shutdown(tcp::socket::shutdown_both, ignored);
        layer_.next_layer().close(ignored);
    }
    void reset() override { reset_socket(layer_.next_layer()); }

private:
    asio::ssl::stream<tcp::socket> layer_;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(tcp::socket socket) {
    return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> make_tls_stream(tcp::socket socket, asio::ssl::context& context) {
    return std::make_unique<TlsStream>(std::move(socket), context);
}

}  // namespace batchd::sim
