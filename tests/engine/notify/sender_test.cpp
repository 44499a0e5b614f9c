#include "engine/notify/sender.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "support/manual_clock.hpp"
#include "support/run.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

using config::NotifyKind;
using notify::SendResult;
using testing::Peer;
using testing::Script;
using testing::ScriptedServer;

/// A sender and a real receiver on loopback.
struct SenderTest : ::testing::Test {
    ~SenderTest() override { pool.join(); }

    static Script answers(std::string text) {
        return [text = std::move(text)](Peer& peer) {
            while (!peer.read_request().empty()) peer.send(text);
        };
    }
    void serve(Script script, std::optional<testing::Identity> tls = std::nullopt) {
        const char* const scheme = tls ? "https" : "http";
        server = std::make_unique<ScriptedServer>(std::vector<Script>{script, script}, std::move(tls));
        address(std::string(scheme) + "://127.0.0.1:" + std::to_string(server->port()) +
                "/hooks/T0/secret-path");
    }
    void address(const std::string& url) { target.url_file = dir.write("url", url + "\n"); }
    SendResult send(NotifyKind kind) {
        target.kind = kind;
        store::Notice notice;
        notice.key = "msg_1";
        notice.type = "done";
        notice.text = "3 answered";
        std::vector<store::Notice> one;
        one.push_back(notice);
        return testing::run(context, sender.send("ops", target, std::move(one)));
    }
    std::string received() { return server->requests().empty() ? "" : server->requests().front(); }
    static bool has(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }

    boost::asio::io_context context{1};
    boost::asio::thread_pool pool{1};
    testing::ManualClock clock{context};
    testing::TempDir dir;
    Log log{LogLevel::error, Log::Format::terminal};
    std::unique_ptr<ScriptedServer> server;
    config::NotifyTarget target;
    HttpSender sender{context.get_executor(), pool, clock, log, config::fixed_environment({})};
};

TEST_F(SenderTest, AMessageGoesToTheAddressInTheFile) {
    serve(answers(testing::answer(200, "ok")));
    const SendResult verdict = send(NotifyKind::slack);
    EXPECT_TRUE(verdict.got_through) << verdict.why;
    EXPECT_TRUE(received().starts_with("POST /hooks/T0/secret-path HTTP/1.1\r\n")) << received();
    EXPECT_TRUE(received().ends_with(R"({"text":"a job is done: 3 answered"})")) << received();
}

TEST_F(SenderTest, AChangedAddressCountsAtTheNextMessage) {
    serve(answers(testing::answer(200, "ok")));
    const std::uint16_t port = server->port();
    address("http://127.0.0.1:1/dead");
    EXPECT_FALSE(send(NotifyKind::slack).got_through);
    address("http://127.0.0.1:" + std::to_string(port) + "/other");
    EXPECT_TRUE(send(NotifyKind::slack).got_through);
    EXPECT_TRUE(received().starts_with("POST /other "));
}

TEST_F(SenderTest, TheCredentialGoesBeforeTheFile) {
    serve(answers(testing::answer(200, "ok")));
    const std::string right = testing::slurp(*target.url_file);
    dir.write("notify.ops", right);
    address("http://127.0.0.1:1/dead");
    HttpSender of_service{context.get_executor(), pool, clock, log,
                          config::fixed_environment({{"CREDENTIALS_DIRECTORY", dir.path().string()}})};
    target.kind = NotifyKind::ping;
    EXPECT_TRUE(testing::run(context, of_service.send("ops", target, {})).got_through);
    EXPECT_TRUE(received().starts_with("GET /hooks/T0/secret-path "));
}

TEST_F(SenderTest, NoTextHoldsTheAddress) {
    serve(answers(testing::answer(404, "no such hook: /hooks/T0/secret-path")));
    const SendResult verdict = send(NotifyKind::slack);
    EXPECT_FALSE(verdict.got_through);
    EXPECT_EQ(verdict.why, "it answered 404: no such hook: [redacted]");
    server.reset();
    EXPECT_FALSE(has(send(NotifyKind::slack).why, "secret-path"));
}

TEST_F(SenderTest, ARedirectIsFollowedNowhere) {
    ScriptedServer elsewhere({answers(testing::answer(200, "ok"))});
    const std::string location = "Location: http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/x\r\n";
    serve(answers(testing::answer(302, "", location)));
    for (const NotifyKind kind : {NotifyKind::webhook, NotifyKind::ping}) {
        const SendResult verdict = send(kind);
        EXPECT_FALSE(verdict.got_through);
        EXPECT_FALSE(verdict.why.empty());
    }
    EXPECT_EQ(elsewhere.connections(), 0U);
}

TEST_F(SenderTest, NothingGoesToAnotherMachineInTheClear) {
    address("http://192.0.2.1/hooks/secret-path");
    const SendResult verdict = send(NotifyKind::slack);
    EXPECT_FALSE(verdict.got_through);
    EXPECT_FALSE(has(verdict.why, "secret-path")) << verdict.why;
}

TEST_F(SenderTest, ACertificateThatNobodyVouchesForIsRefused) {
    serve(answers(testing::answer(200, "ok")), testing::self_signed("127.0.0.1"));
    EXPECT_FALSE(send(NotifyKind::slack).got_through);
    EXPECT_EQ(received(), "");
}

TEST_F(SenderTest, OneOfAnAuthorityOfTheirOwnIsTaken) {
    const testing::Authority authority;
    target.ca_file = dir.write("ca.pem", authority.certificate_pem());
    serve(answers(testing::answer(200, "ok")), authority.issue("127.0.0.1"));
    const SendResult verdict = send(NotifyKind::slack);
    EXPECT_TRUE(verdict.got_through) << verdict.why;
}

TEST_F(SenderTest, AnotherFileOfCertificatesCountsAtTheNextMessage) {
    const testing::Authority authority;
    serve(answers(testing::answer(200, "ok")), authority.issue("127.0.0.1"));
    EXPECT_FALSE(send(NotifyKind::slack).got_through) << "nobody vouches for it";
    target.ca_file = dir.write("ca.pem", authority.certificate_pem());
    const SendResult verdict = send(NotifyKind::slack);
    EXPECT_TRUE(verdict.got_through) << verdict.why;
}

TEST_F(SenderTest, AFileOfCertificatesThatIsReplacedCountsAtTheNextMessage) {
    const testing::Authority wrong;
    const testing::Authority right;
    target.ca_file = dir.write("ca.pem", wrong.certificate_pem());
    serve(answers(testing::answer(200, "ok")), right.issue("127.0.0.1"));
    EXPECT_FALSE(send(NotifyKind::slack).got_through);
    dir.write("ca.pem", right.certificate_pem());
    const SendResult verdict = send(NotifyKind::slack);
    EXPECT_TRUE(verdict.got_through) << verdict.why;
}

TEST_F(SenderTest, AReceiverThatSendsWithoutEndIsCutOff) {
    serve([](Peer& peer) {
        if (peer.read_request().empty()) return;
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + std::string(2'000'000, 'x'));
        peer.wait_for_client();
    });
    EXPECT_FALSE(send(NotifyKind::webhook).got_through);
}

TEST_F(SenderTest, WhatIsMissingOrWrongIsSaidWithItsPlace) {
    EXPECT_TRUE(has(send(NotifyKind::slack).why, "no address")) << "neither file nor credential";
    target.url_file = dir.path() / "gone";
    EXPECT_TRUE(has(send(NotifyKind::slack).why, "gone"));
    for (const char* const wrong : {"", "no address", "ftp://x/secret-path", "https://a/\nhttps://b/"}) {
        address(wrong);
        const SendResult verdict = send(NotifyKind::slack);
        EXPECT_FALSE(verdict.got_through) << wrong;
        EXPECT_FALSE(has(verdict.why, "secret-path")) << verdict.why;
    }
}

TEST_F(SenderTest, AWebhookIsNotSentUnsignedWhereItsSecretCantBeRead) {
    serve(answers(testing::answer(200, "")));
    target.secret_file = dir.path() / "gone";
    EXPECT_FALSE(send(NotifyKind::webhook).got_through);
    target.secret_file = dir.write("secret", "whsec_tooshort\n");
    EXPECT_FALSE(send(NotifyKind::webhook).got_through);
    EXPECT_EQ(received(), "");
    const std::string key = "whsec_" + std::string(32, 'A') + "\n";
    target.secret_file = dir.write("secret", key + key);
    EXPECT_TRUE(send(NotifyKind::webhook).got_through);
    EXPECT_TRUE(has(received(), "webhook-signature: v1,")) << received();
}

}  // namespace
}  // namespace batchd::engine
