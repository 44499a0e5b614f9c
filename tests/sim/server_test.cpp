// Connections: TLS, keep-alive, chunked bodies, 100-continue, many at once.
#include "sim/server.hpp"

#include <future>
#include <vector>

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "sim/certificates.hpp"
#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A connection on which a test writes and reads as it likes.
struct RawClient {
    asio::io_context context;
    tcp::socket socket{context};
    std::string received;

    explicit RawClient(std::uint16_t port) { socket.connect({asio::ip::address_v4::loopback(), port}); }
    void write(std::string_view text) { asio::write(socket, asio::buffer(text)); }
    /// Up to and with the next `end`.
    std::string read_until(std::string_view end) {
        const std::size_t size = asio::read_until(socket, asio::dynamic_buffer(received), std::string(end));
        std::string text = received.substr(0, size);
        received.erase(0, size);
        return text;
    }
};

constexpr std::string_view kUploadForm =
    "--b\r\nContent-Disposition: form-data; name=purpose\r\n\r\nbatch\r\n"
    "--b\r\nContent-Disposition: form-data; name=file; filename=a.jsonl\r\n\r\n{}\n\r\n--b--\r\n";

std::string upload_head(std::string_view more) {
    return "POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-sim\r\nContent-Type: "
           "multipart/form-data; "
           "boundary=b\r\n" +
           std::string(more) + "\r\n\r\n";
}

TEST(ServerTest, AnswersSeveralRequestsOnOneConnection) {
    SimFixture sim;
    RawClient client(sim.server().port());
    for (int i = 0; i < 3; ++i) {
        client.write("GET /v1/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-sim\r\n\r\n");
        EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 200 OK\r\n");
        client.read_until("\"has_more\":false}");
    }
}

TEST(ServerTest, TakesAChunkedBodyWhereverItIsCut) {
    SimFixture sim;
    for (const std::size_t size : {1UL, 7UL, kUploadForm.size()}) {
        RawClient client(sim.server().port());
        client.write(upload_head("Transfer-Encoding: chunked"));
        for (std::size_t at = 0; at < kUploadForm.size(); at += size) {
            const std::string_view piece = kUploadForm.substr(at, size);
            char length[32];
            std::snprintf(length, sizeof length, "%zx\r\n", piece.size());
            client.write(length + std::string(piece) + "\r\n");
        }
        client.write("0\r\n\r\n");
        EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 200 OK\r\n") << size;
    }
}

TEST(ServerTest, InvitesABodyThatWaitsForIt) {
    SimFixture sim;
    RawClient client(sim.server().port());
    client.write(
        upload_head("Expect: 100-continue\r\nContent-Length: " + std::to_string(kUploadForm.size())));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.write(kUploadForm);
    EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 200 OK\r\n");
}

TEST(ServerTest, CanAnswerBeforeTheBodyHasCome) {
    SimFixture sim;
    sim.server().add_fault(R"({"route":"POST /v1/files","action":"status","status":413,"early":true})");
    RawClient client(sim.server().port());
    client.write(upload_head("Content-Length: 1000000"));
    EXPECT_EQ(client.read_until("\r\n"), "HTTP/1.1 413 Payload Too Large\r\n");
    EXPECT_NE(client.read_until("\r\n\r\n").find("Connection: close"), std::string::npos);
}

TEST(ServerTest, HangsUpOnWhatIsNoHttp) {
    SimFixture sim;
    RawClient client(sim.server().port());
    client.write("hello\r\n\r\n");
    boost::system::error_code ec;
    char byte = 0;
    asio::read(client.socket, asio::buffer(&byte, 1), ec);
    EXPECT_TRUE(ec);
}

TEST(ServerTest, ServesManyAtOnce) {
    SimFixture sim;
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 32; ++i)
        answers.push_back(std::async(std::launch::async, [&] { return sim.get("/v1/batches"); }));
    for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200U);
}

TEST(ServerTest, EndsWhileARequestIsStalled) {
    std::optional<RawClient> client;
    {
        SimFixture sim;
        sim.server().add_fault(R"({"route":"GET /v1/batches","action":"stall_before"})");
        client.emplace(sim.server().port());
        client->write("GET /v1/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-sim\r\n\r\n");
        EXPECT_EQ(sim.get("/v1/files").status, 200U);
    }
    boost::system::error_code ec;
    char byte = 0;
    asio::read(client->socket, asio::buffer(&byte, 1), ec);
    EXPECT_TRUE(ec);
}

TEST(ServerTest, SaysWhyItCanNotStart) {
    testing::TempDir directory;
    SimFixture sim;
    EXPECT_THROW(Server({.data = directory.path(), .port = sim.server().port()}), std::runtime_error);
    EXPECT_THROW(Server({.data = directory.path(), .tls_cert = "/none", .tls_key = "/none"}),
                 std::runtime_error);
}

/// Whether a client that trusts ca.pem gets through to a server with such a certificate.
bool is_trusted(CertificateKind kind) {
    testing::TempDir directory;
    const CertificateFiles files = make_certificates(directory.path() / "tls", kind).value();
    const Server server({.data = directory.path(), .tls_cert = files.cert, .tls_key = files.key});
    asio::io_context context;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.load_verify_file(files.ca.string());
    asio::ssl::stream<tcp::socket> stream(context, tls);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification("localhost"));
    stream.next_layer().connect({asio::ip::address_v4::loopback(), server.port()});
    boost::system::error_code ec;
    stream.handshake(asio::ssl::stream_base::client, ec);
    return !ec;
}

TEST(CertificatesTest, OnlyTheGoodOneIsTrusted) {
    EXPECT_TRUE(is_trusted(CertificateKind::good));
    EXPECT_FALSE(is_trusted(CertificateKind::expired));
    EXPECT_FALSE(is_trusted(CertificateKind::wrong_host));
    EXPECT_FALSE(is_trusted(CertificateKind::self_signed));
}

}  // namespace
}  // namespace batchd::sim
