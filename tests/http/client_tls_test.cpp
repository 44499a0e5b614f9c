#include "http/client_fixture.hpp"
#include "http/file_content.hpp"
#include "http/scripted_names.hpp"

namespace batchd::http {
namespace {

using testing::Authority;
using testing::Validity;

struct ClientTlsTest : ClientTest {
    Authority authority;

    void serve_tls(const testing::Identity& identity, std::vector<Script> scripts,
                   const std::string& host = "127.0.0.1") {
        server = std::make_unique<ScriptedServer>(std::move(scripts), identity);
        options.origin = {Scheme::https, host, server->port()};
        options.ca_file = directory.write("ca.pem", authority.certificate_pem());
        make_client();
    }
    /// What a call to a server with that identity fails with.
    TransportError refusal(const testing::Identity& identity) {
        serve_tls(identity, {replies({answer(200, "secret")})});
        return get().error();
    }
};

TEST_F(ClientTlsTest, TalksToAServerWhoseAuthorityItTrusts) {
    serve_tls(authority.issue("127.0.0.1"), {replies({answer(200, "1"), answer(200, "2")})});
    const auto response = get();
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->body, "1");
    EXPECT_EQ(get()->body, "2");
    EXPECT_EQ(server->connections(), 1U);
}

TEST_F(ClientTlsTest, ChecksAHostNameAsWell) {
    serve_tls(authority.issue("localhost"), {replies({answer(200, "1")})}, "localhost");
    const auto response = get();
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->body, "1");
}

TEST_F(ClientTlsTest, TriesTheNextAddressWhereOneRefuses) {
    testing::ScriptedNames names;
    names.answer("two.invalid", {"127.0.0.2", "127.0.0.1"});  // the server is on the second only
    serve_tls(authority.issue("two.invalid"), {replies({answer(200, "1")})}, "two.invalid");
    const auto response = get();
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->body, "1");
}

TEST_F(ClientTlsTest, RefusesAnOldTls) {
    testing::Identity identity = authority.issue("127.0.0.1");
    identity.newest = testing::Tls::v1_1;
    const TransportError error = refusal(identity);
    EXPECT_EQ(error.phase, Phase::connect);
    EXPECT_NE(error.text.find("protocol version"), std::string::npos) << error.text;
}

TEST_F(ClientTlsTest, MovesBigBodiesBothWays) {
    const std::string content(5'000'000, 'x');
    serve_tls(authority.issue("127.0.0.1"), {replies({answer(200, "{}"), answer(200, content)})});
    Form form;
    form.file_field = "file";
    form.open = FileContent::of(directory.write("in", content));
    EXPECT_EQ(run(context, client->upload(make(Method::post), form))->status, 200U);
    EXPECT_NE(server->requests().at(0).find(content), std::string::npos);
    EXPECT_EQ(download()->size_bytes, content.size());
}

TEST_F(ClientTlsTest, RefusesACertificateForAnotherHost) {
    const TransportError error = refusal(authority.issue("api.example.com"));
    EXPECT_EQ(error.phase, Phase::connect);
    EXPECT_NE(error.text.find("certificate verify failed: IP address mismatch"), std::string::npos)
        << error.text;
}

TEST_F(ClientTlsTest, RefusesAnExpiredCertificate) {
    const TransportError error = refusal(authority.issue("127.0.0.1", Validity::expired));
    EXPECT_EQ(error.phase, Phase::connect);
    EXPECT_NE(error.text.find("certificate has expired"), std::string::npos) << error.text;
}

TEST_F(ClientTlsTest, RefusesACertificateThatIsNotValidYet) {
    EXPECT_NE(refusal(authority.issue("127.0.0.1", Validity::not_yet)).text.find("not yet valid"),
              std::string::npos);
}

TEST_F(ClientTlsTest, RefusesACertificateThatNobodyVouchesFor) {
    const TransportError error = refusal(testing::self_signed("127.0.0.1"));
    EXPECT_EQ(error.phase, Phase::connect);
    EXPECT_NE(error.text.find("self-signed certificate"), std::string::npos) << error.text;
}

TEST_F(ClientTlsTest, RefusesACertificateOfAnAuthorityThatItDoesNotKnow) {
    EXPECT_EQ(refusal(Authority().issue("127.0.0.1")).phase, Phase::connect);
    EXPECT_TRUE(server->requests().empty());
}

TEST_F(ClientTlsTest, AHandshakeThatStandsStillRunsIntoTheTimeLimit) {
    // It takes the connection, and says nothing.
    server =
        std::make_unique<ScriptedServer>(std::vector<Script>{[](Peer& peer) { peer.wait_for_client(); }});
    options.origin = {Scheme::https, "127.0.0.1", server->port()};
    options.timeout = std::chrono::milliseconds(100);
    make_client();
    const auto response = get();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::connect);
}

TEST_F(ClientTlsTest, NeverFallsBackToPlainText) {
    server = std::make_unique<ScriptedServer>(std::vector<Script>{[](Peer& peer) {
        peer.read_bytes(1);
        peer.send(answer(200, "plain"));
        peer.wait_for_client();
    }});
    options.origin = {Scheme::https, "127.0.0.1", server->port()};
    make_client();
    const auto response = get();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::connect);
}

TEST_F(ClientTlsTest, ABodyWithoutLengthCountsOnlyWithACloseNotify) {
    const std::string head = "HTTP/1.1 200 X\r\n\r\n";
    serve_tls(authority.issue("127.0.0.1"), {[&](Peer& peer) {
                                                 peer.read_request();
                                                 peer.send(head + "whole");
                                                 peer.end();
                                             },
                                             [&](Peer& peer) {
                                                 peer.read_request();
                                                 peer.send(head + "part of i");
                                                 peer.cut();
                                             }});
    EXPECT_EQ(get()->body, "whole");
    EXPECT_TRUE(get().has_error());
}

TEST_F(ClientTlsTest, SaysWhichCaFileIsMissingOrHoldsNoCertificate) {
    options.origin = {Scheme::https, "127.0.0.1", 1};
    options.ca_file = directory.path() / "none.pem";
    const auto missing = Client::create(options, context.get_executor(), pool, clock);
    EXPECT_NE(to_string(missing.error()).find("none.pem: No such file"), std::string::npos)
        << to_string(missing.error());
    options.ca_file = directory.write("bad.pem", "not a certificate");
    const auto empty = Client::create(options, context.get_executor(), pool, clock);
    EXPECT_NE(to_string(empty.error()).find("bad.pem has no certificate"), std::string::npos)
        << to_string(empty.error());
}

}  // namespace
}  // namespace batchd::http
