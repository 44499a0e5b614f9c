#include <future>

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/error.hpp>

#include "base/async/task_group.hpp"
#include "http/client_fixture.hpp"

namespace batchd::http {
namespace {

using namespace std::chrono_literals;

bool ends(const std::string& text, std::string_view tail) {
    return text.ends_with(tail);
}

TEST_F(ClientTest, SendsARequestAndReadsTheAnswer) {
    serve_answers({answer(200, "{\"a\":1}", "Content-Type: application/json\r\nX-Request-Id: req_1\r\n")});
    const auto response = post("{\"b\":2}");
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, "{\"a\":1}");
    EXPECT_EQ(response->header("x-request-id"), "req_1");
    EXPECT_EQ(response->header("retry-after"), "");
    const std::string sent = server->requests().at(0);
    EXPECT_TRUE(sent.starts_with("POST /x HTTP/1.1\r\nHost: 127.0.0.1:")) << sent;
    EXPECT_TRUE(ends(sent, "\r\n\r\n{\"b\":2}")) << sent;
}

TEST_F(ClientTest, KeepsAConnectionForTheNextCall) {
    serve_answers({answer(200, "1"), answer(404, "2"), answer(200, "3")});
    EXPECT_EQ(get()->body, "1");
    EXPECT_EQ(get()->body, "2");
    EXPECT_EQ(post()->body, "3");
    EXPECT_EQ(server->connections(), 1U);
}

TEST_F(ClientTest, OpensAnotherConnectionWhereTheServerClosesOne) {
    serve({replies({answer(200, "1", "Connection: close\r\n")}), replies({answer(200, "2")})});
    EXPECT_EQ(get()->body, "1");
    EXPECT_EQ(get()->body, "2");
    EXPECT_EQ(server->connections(), 2U);
}

TEST_F(ClientTest, DropsAConnectionThatLayIdleForLong) {
    serve({replies({answer(200, "1")}), replies({answer(200, "2")})});
    EXPECT_EQ(get()->body, "1");
    clock.advance(31s);
    EXPECT_EQ(get()->body, "2");
}

TEST_F(ClientTest, APostTakesOnlyAConnectionThatWasJustUsed) {
    serve({replies({answer(200, "1"), answer(200, "3")}), replies({answer(200, "2")})});
    EXPECT_EQ(get()->body, "1");
    clock.advance(3s);
    EXPECT_EQ(post()->body, "2");
}

TEST_F(ClientTest, AGetIsRepeatedWhereAKeptConnectionWasClosedUnderIt) {
    serve({[](Peer& peer) {
               peer.read_request();
               peer.send(answer(200, "1"));
               peer.read_request();  // accepted, and then closed without a word
           },
           replies({answer(200, "2")})});
    EXPECT_EQ(get()->body, "1");
    EXPECT_EQ(get()->body, "2");
    EXPECT_EQ(server->requests().size(), 3U);
}

TEST_F(ClientTest, APostIsNotRepeatedWhereAKeptConnectionWasClosedUnderIt) {
    serve({[](Peer& peer) {
               peer.read_request();
               peer.send(answer(200, "1"));
               peer.read_request();
           },
           replies({answer(200, "2")})});
    EXPECT_EQ(get()->body, "1");
    const auto response = post();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::sent);
    EXPECT_EQ(server->requests().size(), 2U);
    EXPECT_EQ(server->connections(), 1U);
}

TEST_F(ClientTest, AGetIsNotRepeatedOnAFreshConnection) {
    serve({[](Peer& peer) { peer.read_request(); }, replies({answer(200, "2")})});
    const auto response = get();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::sent);
    EXPECT_EQ(server->connections(), 1U);
}

TEST_F(ClientTest, SaysThatNothingWasSentWhereNobodyListens) {
    serve({});
    server.reset();
    const auto response = post();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::connect);
    EXPECT_EQ(response.error().code, boost::asio::error::connection_refused);
    EXPECT_NE(response.error().text.find("Connection refused"), std::string::npos) << response.error().text;
}

TEST_F(ClientTest, SaysThatNothingWasSentWhereANameHasNoAddress) {
    options.origin.host = std::string(70, 'x') + ".invalid";
    options.allow_plain_http = true;
    make_client();
    const auto response = post();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::connect);
    EXPECT_NE(response.error().text.find("no address for the name"), std::string::npos)
        << response.error().text;
}

TEST_F(ClientTest, RefusesPlainHttpToAnotherMachine) {
    options.origin.host = "192.0.2.1";
    EXPECT_EQ(Client::create(options, context.get_executor(), pool, clock).error().code, Errc::bad_input);
}

TEST_F(ClientTest, TakesPlainHttpToAnotherMachineWhereItIsAllowed) {
    options.origin.host = "192.0.2.1";
    options.allow_plain_http = true;
    EXPECT_TRUE(Client::create(options, context.get_executor(), pool, clock));
}

TEST_F(ClientTest, AServerMayBeSilentForLongerThanAConnectionMayTake) {
    options.timeout = 50ms;
    options.silence = 60s;
    std::promise<void> slept;
    serve({[&](Peer& peer) {
        peer.read_request();
        slept.get_future().wait();
        peer.send(answer(200, "late"));
        peer.wait_for_client();
    }});
    boost::asio::steady_timer timer(context, 200ms);
    timer.async_wait([&](const boost::system::error_code&) { slept.set_value(); });
    EXPECT_EQ(get()->body, "late");
}

TEST_F(ClientTest, GivesUpWhenNoByteMovesForTheTimeLimit) {
    options.timeout = 50ms;
    serve({[](Peer& peer) {
        peer.read_request();
        peer.wait_for_client();
    }});
    const auto response = post();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::sent);
    EXPECT_EQ(response.error().code, boost::beast::error::timeout);
}

/// Each look at it is an hour after the last one.
class RacingClock final : public Clock {
public:
    TimePoint now() const override { return TimePoint(uptime()); }
    Millis uptime() const override { return uptime_ += 1h; }
    boost::asio::awaitable<void> sleep_for(Millis) override { co_return; }
    boost::asio::awaitable<void> wait_until(TimePoint) override { co_return; }
    boost::asio::awaitable<void> wait_until_set() override { co_return; }

private:
    mutable Millis uptime_{};
};

TEST_F(ClientTest, GivesUpOnATrickleThatNeverTimesOut) {
    RacingClock racing;
    serve({[](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 X\r\n");
        peer.wait_for_client();
    }});
    client = Client::create(options, context.get_executor(), pool, racing).value();
    const auto response = get();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().code, boost::beast::error::timeout);
}

TEST_F(ClientTest, ACancelledCallUnwindsAndFreesItsPlace) {
    options.connections_max = 1;
    serve({[](Peer& peer) {
               peer.read_request();
               peer.wait_for_client();
           },
           replies({answer(200, "2")})});
    TaskGroup group(context.get_executor());
    bool has_answer = false;
    group.spawn([](Client& from, bool& answered) -> boost::asio::awaitable<void> {
        auto request = make(Method::get);
        answered = (co_await from.request(std::move(request))).has_value();
    }(*client, has_answer));
    while (server->requests().empty()) context.run_one_for(10ms);
    group.cancel();
    run(context, group.join());
    EXPECT_FALSE(has_answer);
    EXPECT_EQ(get()->body, "2");
}

TEST_F(ClientTest, PassesOverInterimAnswers) {
    serve_answers(
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + answer(200, "body")});
    EXPECT_EQ(get()->body, "body");
}

TEST_F(ClientTest, ReadsAChunkedAnswer) {
    serve_answers(
        {"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n4\r\ndefg\r\n0\r\nTrailer: "
         "x\r\n\r\n",
         answer(200, "again")});
    EXPECT_EQ(get()->body, "abcdefg");
    EXPECT_EQ(get()->body, "again");
}

TEST_F(ClientTest, ReadsAnAnswerWithoutABody) {
    serve_answers({"HTTP/1.1 204 X\r\n\r\n", answer(200, "")});
    EXPECT_EQ(get()->status, 204U);
    EXPECT_EQ(get()->body, "");
}

struct BadAnswer {
    const char* name;
    std::string bytes;
};

struct ClientBadAnswerTest : ClientTest, ::testing::WithParamInterface<BadAnswer> {};

TEST_P(ClientBadAnswerTest, IsACleanErrorOfACallThatWasSent) {
    serve({[](Peer& peer) {
        peer.read_request();
        peer.send(GetParam().bytes);
    }});
    const auto response = post();
    ASSERT_TRUE(response.has_error()) << response->body;
    EXPECT_EQ(response.error().phase, Phase::sent);
    EXPECT_FALSE(response.error().text.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, ClientBadAnswerTest,
    ::testing::Values(
        BadAnswer{"Nothing", ""}, BadAnswer{"HalfAHeader", "HTTP/1.1 200 X\r\nContent-"},
        BadAnswer{"NoHttp", "SSH-2.0-OpenSSH_9.2\r\n\r\n"}, BadAnswer{"Zeros", std::string(1000, '\0')},
        BadAnswer{"CutBody", "HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nabc"},
        BadAnswer{"LongBody", "HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nabc"},
        BadAnswer{"CutChunks", "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"},
        BadAnswer{"NoLastChunk", "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"},
        BadAnswer{"BadChunks", "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n"},
        BadAnswer{"HugeChunkSize",
                  "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\nabc\r\n"},
        BadAnswer{"EndlessChunkExtension",
                  "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(300'000, 'x')},
        BadAnswer{
            "LengthAndChunks",
            "HTTP/1.1 200 X\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
        BadAnswer{"TwoLengths", "HTTP/1.1 200 X\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
        BadAnswer{"NegativeLength", "HTTP/1.1 200 X\r\nContent-Length: -3\r\n\r\nabc"},
        BadAnswer{"OtherTransferEncoding", "HTTP/1.1 200 X\r\nTransfer-Encoding: gzip\r\n\r\nabc"},
        BadAnswer{"Gzip", answer(200, "\x1f\x8b", "Content-Encoding: gzip\r\n")},
        BadAnswer{"ZeroInHeader",
                  std::string("HTTP/1.1 200 X\r\nA: b") + '\0' + "c\r\nContent-Length: 1\r\n\r\nx"},
        BadAnswer{"HugeHeader", "HTTP/1.1 200 X\r\nA: " + std::string(100'000, 'x') + "\r\n\r\n"},
        BadAnswer{"OnlyInterimAnswers",
                  [] {
                      std::string text;
                      for (int i = 0; i < 100; ++i) text += "HTTP/1.1 100 Continue\r\n\r\n";
                      return text;
                  }()},
        BadAnswer{"HugeBody",
                  "HTTP/1.1 200 X\r\nContent-Length: 20000000\r\n\r\n" + std::string(20'000'000, ' ')}),
    [](const auto& param) { return param.param.name; });

TEST_F(ClientTest, KeepsTheStartOfALongErrorBody) {
    serve({[](Peer& peer) {
        peer.read_request();
        peer.send(answer(500, "start " + std::string(10'000'000, 'x')));
    }});
    const auto response = get();
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->status, 500U);
    EXPECT_TRUE(response->body.starts_with("start x"));
    EXPECT_EQ(response->body.size(), 64U * 1024);
}

TEST_F(ClientTest, TheStatusOfARefusalCountsWhereItsBodyIsCut) {
    serve({[](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 429 X\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\npartial");
    }});
    const auto response = post();
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->status, 429U);
    EXPECT_EQ(response->header("retry-after"), "7");
    EXPECT_EQ(response->body, "partial");
}

}  // namespace
}  // namespace batchd::http
