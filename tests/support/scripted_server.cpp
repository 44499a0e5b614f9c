#include "support/scripted_server.hpp"

#include <mutex>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace batchd::testing {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Recorder = std::function<void(const std::string&)>;
using Closer = std::function<void()>;

std::size_t content_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

template <class Stream>
class StreamPeer final : public Peer {
public:
    StreamPeer(Stream& stream, Recorder record, Closer close)
        : stream_(stream), record_(std::move(record)), close_(std::move(close)) {}

    std::string read_request() override {
        while (received_.find("\r\n\r\n") == std::string::npos)
            if (!fill()) return {};
        const std::size_t head_end = received_.find("\r\n\r\n") + 4;
        std::string request = read_bytes(head_end + content_length(received_.substr(0, head_end)));
        record_(request);
        return request;
    }

    std::string read_bytes(std::size_t bytes) override {
        while (received_.size() < bytes && fill()) continue;
        std::string taken = received_.substr(0, bytes);
        received_.erase(0, taken.size());
        return taken;
    }

    void send(std::string_view bytes) override {
        boost::system::error_code ignored;  // the client may have had enough
        asio::write(stream_, asio::buffer(bytes.data(), bytes.size()), ignored);
    }

    void wait_for_client() override {
        while (fill()) received_.clear();
    }

    void end() override {
        boost::system::error_code ignored;
        if constexpr (!std::is_same_v<Stream, tcp::socket>) stream_.shutdown(ignored);
        cut();
    }

    void cut() override { close_(); }

    void reset() override {
        boost::system::error_code ignored;
        stream_.lowest_layer().set_option(asio::socket_base::linger(true, 0), ignored);
        close_();
    }

private:
    bool fill() {
        char block[16 * 1024];
        boost::system::error_code ec;
        const std::size_t got = stream_.read_some(asio::buffer(block), ec);
        received_.append(block, got);
        return !ec;
    }

    Stream& stream_;
    Recorder record_;
    Closer close_;
    std::string received_;
};

}  // namespace

Script replies(std::vector<std::string> answers) {
    return [answers = std::move(answers)](Peer& peer) {
        for (const std::string& text : answers) {
            if (peer.read_request().empty()) return;
            peer.send(text);
        }
        peer.wait_for_client();
    };
}

std::string answer(unsigned status, std::string_view body, std::string_view headers) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

struct ScriptedServer::Impl {
    explicit Impl(std::vector<Script> with) : scripts(std::move(with)) {}

    void accept_all() {
        for (;;) {
            boost::system::error_code ec;
            tcp::socket socket = acceptor.accept(ec);
            const std::scoped_lock lock(mutex);
            if (ec || stopping) return;
            if (accepted < scripts.size()) serve(std::move(socket), scripts[accepted]);
            ++accepted;
        }
    }

    void serve(tcp::socket accepted_socket, const Script& script) {
        sockets.push_back(std::make_unique<tcp::socket>(std::move(accepted_socket)));
        tcp::socket& socket = *sockets.back();
        socket.set_option(tcp::no_delay(true));
        threads.emplace_back([this, &socket, &script] { talk(socket, script); });
    }

    void talk(tcp::socket& socket, const Script& script) {
        if (!tls) return play(socket, socket, script);
        asio::ssl::stream<tcp::socket&> stream(socket, *tls);
        boost::system::error_code ec;
        stream.handshake(asio::ssl::stream_base::server, ec);
        if (!ec) play(stream, socket, script);
    }

    template <class Stream>
    void play(Stream& stream, tcp::socket& socket, const Script& script) {
        StreamPeer<Stream> peer(
            stream, [this](const std::string& request) { record(request); },
            [this, &socket] { close(socket); });
        script(peer);
        close(socket);
    }

    void close(tcp::socket& socket) {
        const std::scoped_lock lock(mutex);
        boost::system::error_code ignored;
        socket.close(ignored);
    }

    void record(const std::string& request) {
        const std::scoped_lock lock(mutex);
        requests.push_back(request);
    }

    asio::io_context context{1};
    tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::unique_ptr<asio::ssl::context> tls;
    std::vector<Script> scripts;
    mutable std::mutex mutex;  // guards what follows
    std::size_t accepted = 0;
    bool stopping = false;
    std::vector<std::string> requests;
    std::vector<std::unique_ptr<tcp::socket>> sockets;
    std::vector<std::thread> threads;
};

namespace {

/// OpenSSL no longer does it of its own accord.
void speak_tls_1_1(asio::ssl::context& context) {
    SSL_CTX_set_security_level(context.native_handle(), 0);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
}

}  // namespace

ScriptedServer::ScriptedServer(std::vector<Script> scripts, std::optional<Identity> tls)
    : impl_(std::make_unique<Impl>(std::move(scripts))) {
    if (tls) {
        impl_->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
        impl_->tls->use_certificate_chain(asio::buffer(tls->certificate_pem));
        impl_->tls->use_private_key(asio::buffer(tls->key_pem), asio::ssl::context::pem);
        if (tls->newest == Tls::v1_1) speak_tls_1_1(*impl_->tls);
    }
    const std::scoped_lock lock(
        impl_->mutex);  // a client that is early has a thread of its own added to them
    impl_->threads.emplace_back([impl = impl_.get()] { impl->accept_all(); });
}

ScriptedServer::~ScriptedServer() {
    std::vector<std::thread> threads;
    {
        const std::scoped_lock lock(impl_->mutex);
        impl_->stopping = true;
        ::shutdown(impl_->acceptor.native_handle(), SHUT_RDWR);  // wakes accept()
        for (auto& socket : impl_->sockets)
            if (socket->is_open()) ::shutdown(socket->native_handle(), SHUT_RDWR);
        threads.swap(impl_->threads);
    }
    for (std::thread& thread : threads) thread.join();
}

std::uint16_t ScriptedServer::port() const {
    return impl_->acceptor.local_endpoint().port();
}

std::size_t ScriptedServer::connections() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->accepted;
}

std::vector<std::string> ScriptedServer::requests() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->requests;
}

}  // namespace batchd::testing
