// Clients that send nonsense, nothing, too much or too slowly, and too many of them.

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include <boost/asio/post.hpp>

#include "base/async/wake.hpp"
#include "server/client.hpp"
#include "server/running_server.hpp"

namespace batchd::server {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr const char* kClose = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";

Limits patient(std::size_t connections) {
    Limits limits;
    limits.connections_max = connections;
    limits.head_time = limits.idle_time = limits.body_time = limits.write_time = 1h;
    return limits;
}

TEST(ServerHostileTest, NonsenseIsRefusedAndHungUpOn) {
    RunningServer server(say_hello);
    for (const char* nonsense :
         {"\r\n\r\n\r\nwhat?\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "GET / HTTP/1.1\r\nno colon\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"}) {
        Client client = Client::at(server.path());
        ASSERT_TRUE(client.send(nonsense));
        const std::string answer = client.read_until("}}");
        EXPECT_TRUE(has(answer, "400 Bad Request")) << nonsense << ": " << answer;
    }
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send(kClose));
    EXPECT_TRUE(client.read_to_end().ends_with("hello"));
}

TEST(ServerHostileTest, ABodyWhoseEndCanBeReadInTwoWaysIsNoBodyAndNoRequestFollows) {
    std::atomic<int> asked = 0;
    RunningServer server([&](Exchange& exchange) -> asio::awaitable<void> {
        ++asked;
        co_await say_hello(exchange);
    });
    for (const char* headers :
         {"Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: gzip, chunked\r\n",
          "Transfer-Encoding: chunked, gzip\r\n", "Transfer-Encoding: identity\r\n", "Transfer-Encoding:\r\n",
          "Transfer-Encoding: \x0b"
          "chunked\r\n",
          "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
          "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"}) {
        Client client = Client::at(server.path());
        ASSERT_TRUE(client.send(std::string("POST / HTTP/1.1\r\n") + headers + "\r\n0\r\n\r\n" + kClose));
        const std::string answer = client.read_to_end();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 501 ") || answer.starts_with("HTTP/1.1 400 "))
            << headers << answer;
        EXPECT_FALSE(has(answer, "hello")) << headers << answer;
    }
    Client old = Client::at(server.path());
    ASSERT_TRUE(old.send("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    EXPECT_TRUE(old.read_to_end().starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(asked, 0);
}

TEST(ServerHostileTest, AHeadWithoutEndIsReadToItsLimitOnly) {
    RunningServer server(say_hello);
    Client line = Client::at(server.path());
    const std::string much(1024 * 1024, 'a');
    line.send("GET /" + much);
    EXPECT_TRUE(has(line.read_until("}}"), "431 Request Header Fields Too Large"));
    Client headers = Client::at(server.path());
    std::string many = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 10'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
    headers.send(many);
    EXPECT_TRUE(has(headers.read_until("}}"), "431 Request Header Fields Too Large"));
}

TEST(ServerHostileTest, WhoSaysNothingIsHungUpOn) {
    Limits limits;
    limits.head_time = limits.idle_time = 50ms;
    RunningServer server(say_hello, limits);
    Client silent = Client::at(server.path());
    EXPECT_EQ(silent.read_to_end(), "");
    Client idle = Client::at(server.path());
    ASSERT_TRUE(idle.send("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_TRUE(idle.read_to_end().ends_with("hello"));
}

TEST(ServerHostileTest, WhoSaysItByteByByteIsHungUpOn) {
    Limits limits;
    limits.head_time = 300ms;
    RunningServer server(say_hello, limits);
    Client slow = Client::at(server.path());
    ASSERT_TRUE(slow.send("GET / HTTP/1.1\r\nX: "));
    int sent = 0;
    while (sent < 15'000 && slow.send_without_waiting("x") && !slow.is_hung_up_within(4)) ++sent;
    EXPECT_LT(sent, 15'000);  // a minute of it
}

TEST(ServerHostileTest, WhoseConnectionsAreSilentMakesRoomForOthers) {
    RunningServer server(say_hello, patient(4));
    std::vector<Client> silent;
    for (int i = 0; i < 40; ++i) {
        silent.push_back(Client::at(server.path()));
        silent.back().send("GET / HT");
    }
    for (int i = 0; i < 10; ++i) {
        Client client = Client::at(server.path());
        ASSERT_TRUE(client.send(kClose));
        EXPECT_TRUE(client.read_to_end().ends_with("hello"));
    }
    EXPECT_EQ(silent.front().read_to_end(), "");
}

TEST(ServerHostileTest, WhereAllAreBeingAnsweredOneMoreIsTold) {
    std::atomic<int> asked = 0;
    std::vector<Wake*> waiting;
    RunningServer server(
        [&](Exchange& exchange) -> asio::awaitable<void> {
            Wake wake(co_await asio::this_coro::executor);
            waiting.push_back(&wake);
            ++asked;
            co_await wake.wait();
            co_await say_hello(exchange);
        },
        patient(2));
    std::vector<Client> clients;
    for (int i = 0; i < 2; ++i) {
        clients.push_back(Client::at(server.path()));
        ASSERT_TRUE(clients.back().send(kClose));
    }
    while (asked < 2) std::this_thread::yield();
    Client one_more = Client::at(server.path());
    EXPECT_TRUE(has(one_more.read_to_end(), "503 Service Unavailable"));
    asio::post(server.context(), [&] {
        for (Wake* wake : waiting) wake->raise();
    });
    for (Client& client : clients) EXPECT_TRUE(client.read_to_end().ends_with("hello"));
}

TEST(ServerHostileTest, WhoNeverReadsAnEndlessAnswerIsHungUpOn) {
    std::atomic<bool> has_ended = false;
    Limits limits;
    limits.write_time = 100ms;
    RunningServer server(
        [&](Exchange& exchange) -> asio::awaitable<void> {
            AnswerHead head;
            Result<void> sent = co_await exchange.begin(std::move(head));
            const std::string piece(100'000, 'x');
            while (sent) sent = co_await exchange.send(piece);
            has_ended = true;
        },
        limits);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\n\r\n"));
    while (!has_ended) std::this_thread::yield();
    EXPECT_TRUE(has_ended);
}

TEST(ServerHostileTest, WhoGoesAwayInTheMiddleIsForgotten) {
    RunningServer server(say_hello, patient(2));
    for (int i = 0; i < 100; ++i) {
        Client gone = Client::at(server.path());
        gone.send(i % 2 == 0 ? "GET / HTTP/1.1\r\nHo" : "GET / HTTP/1.1\r\n\r\n");
    }
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send(kClose));
    EXPECT_TRUE(client.read_to_end().ends_with("hello"));
}

}  // namespace
}  // namespace batchd::server
