#include "server/server.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include "base/async/wake.hpp"
#include "server/client.hpp"
#include "server/running_server.hpp"

#include <boost/asio/post.hpp>

namespace batchd::server {
namespace {

namespace asio = boost::asio;

constexpr const char* kGet = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(ServerTest, AnswersOneRequestAfterTheOtherOnAConnection) {
    RunningServer server(say_hello);
    Client client = Client::at(server.path());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send(kGet));
        const std::string answer = client.read_until("hello");
        EXPECT_TRUE(has(answer, "HTTP/1.1 200 OK\r\n")) << answer;
        EXPECT_TRUE(has(answer, "Content-Length: 5\r\n")) << answer;
    }
}

TEST(ServerTest, RequestsThatComeAtOnceAreAnsweredInTheirOrder) {
    RunningServer server([](Exchange& exchange) -> asio::awaitable<void> {
        Answer answer{.head = {.status = 200, .headers = {}}, .body = exchange.head().path + ";"};
        (void)co_await exchange.answer(std::move(answer));
    });
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("GET /one HTTP/1.1\r\n\r\nGET /two HTTP/1.1\r\nConnection: close\r\n\r\n"));
    const std::string answers = client.read_to_end();
    EXPECT_LT(answers.find("/one;"), answers.find("/two;")) << answers;
    EXPECT_TRUE(has(answers, "/two;")) << answers;
}

TEST(ServerTest, AUnixSocketTellsWhoAsksAndTcpFromWhere) {
    RunningServer server([](Exchange& exchange) -> asio::awaitable<void> {
        const Peer& peer = exchange.peer();
        Answer answer;
        answer.body = peer.uid ? "uid " + std::to_string(*peer.uid) : "from " + peer.address;
        (void)co_await exchange.answer(std::move(answer));
    });
    const std::string close = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    Client near = Client::at(server.path());
    ASSERT_TRUE(near.send(close));
    EXPECT_TRUE(near.read_to_end().ends_with("uid " + std::to_string(::getuid())));
    Client far = Client::at_port(server.port());
    ASSERT_TRUE(far.send(close));
    EXPECT_TRUE(far.read_to_end().ends_with("from 127.0.0.1"));
}

TEST(ServerTest, AnAnswerThatIsMadeBitByBitArrivesBitByBit) {
    Wake* go_on = nullptr;  // the server's thread alone uses it
    RunningServer server([&](Exchange& exchange) -> asio::awaitable<void> {
        Wake wake(co_await asio::this_coro::executor);
        go_on = &wake;
        AnswerHead head;
        (void)co_await exchange.begin(std::move(head));
        (void)co_await exchange.send("first");
        co_await wake.wait();
        (void)co_await exchange.send("second");
        (void)co_await exchange.end();
    });
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
    const std::string first = client.read_until("5\r\nfirst\r\n");
    EXPECT_TRUE(has(first, "Transfer-Encoding: chunked")) << first;
    EXPECT_FALSE(has(first, "second"));
    asio::post(server.context(), [&] { go_on->raise(); });
    EXPECT_EQ(client.read_to_end(), "6\r\nsecond\r\n0\r\n\r\n");
}

TEST(ServerTest, AClientOfHttp10IsToldTheEndByTheEnd) {
    RunningServer server([](Exchange& exchange) -> asio::awaitable<void> {
        AnswerHead head;
        (void)co_await exchange.begin(std::move(head));
        (void)co_await exchange.send("bit by bit");
        (void)co_await exchange.end();
    });
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(client.read_to_end().ends_with("Connection: close\r\n\r\nbit by bit"));
}

TEST(ServerTest, HeadGetsTheHeadOnly) {
    RunningServer server(say_hello);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n"));
    EXPECT_TRUE(client.read_to_end().ends_with("Content-Length: 5\r\nConnection: close\r\n\r\n"));
}

TEST(ServerTest, AnAnswerWithoutEndEndsBehindTheHeadForWhoWantsNoMore) {
    RunningServer server([](Exchange& exchange) -> asio::awaitable<void> {
        AnswerHead head;
        Result<void> sent = co_await exchange.begin(std::move(head));
        while (sent) sent = co_await exchange.send("more and more");
    });
    Client client = Client::at(server.path());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\n\r\n"));
        const std::string head = client.read_until("\r\n\r\n");
        EXPECT_TRUE(head.ends_with("Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n")) << head;
    }
}

TEST(ServerTest, ARequestThatNobodyAnswersIsAnInternalError) {
    RunningServer server([](Exchange&) -> asio::awaitable<void> { co_return; });
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
    EXPECT_TRUE(has(client.read_to_end(), "500 Internal Server Error"));
}

TEST(ServerTest, AnEndInTheMiddleOfAnAnswerIsOrderly) {
    std::atomic<bool> is_asked = false;
    {
        RunningServer server([&](Exchange& exchange) -> asio::awaitable<void> {
            is_asked = true;
            Wake never(co_await asio::this_coro::executor);
            co_await never.wait();
            co_await say_hello(exchange);
        });
        Client client = Client::at(server.path());
        ASSERT_TRUE(client.send(kGet));
        while (!is_asked) std::this_thread::yield();
    }
    EXPECT_TRUE(is_asked);
}

}  // namespace
}  // namespace batchd::server
