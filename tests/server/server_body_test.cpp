#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

#include "server/client.hpp"
#include "server/running_server.hpp"

namespace batchd::server {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Answers how long the body was, or why it could not be read.
asio::awaitable<void> measure(Exchange& exchange) {
    std::uint64_t bytes = 0;
    std::array<char, 1000> piece{};
    Answer answer;
    for (;;) {
        const auto got = co_await exchange.read_some(piece);
        if (!got) answer.body = to_string(got.error());
        if (!got || *got == 0) break;
        bytes += *got;
    }
    if (answer.body.empty()) answer.body = std::to_string(bytes) + " bytes";
    (void)co_await exchange.answer(std::move(answer));
}

TEST(ServerBodyTest, ABodyIsReadAsItComesHoweverItIsFramed) {
    RunningServer server(measure);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 10000\r\n\r\n" + std::string(4000, 'x')));
    ASSERT_TRUE(client.send(std::string(6000, 'y')));
    EXPECT_TRUE(has(client.read_until("bytes"), "10000 bytes"));
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nTransfer-Encoding: Chunked \r\n\r\n3\r\nabc\r\n"));
    ASSERT_TRUE(client.send("2\r\nde\r\n0\r\n\r\n"));
    EXPECT_TRUE(has(client.read_until("bytes"), "5 bytes"));
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\n\r\n"));
    EXPECT_TRUE(has(client.read_until("bytes"), "0 bytes"));
}

TEST(ServerBodyTest, WhoWaitsToBeAskedForItsBodyIsAsked) {
    RunningServer server(measure);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n"));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(client.send("abc"));
    EXPECT_TRUE(has(client.read_until("bytes"), "3 bytes"));
}

TEST(ServerBodyTest, ABodyThatIsTooLargeByItsHeadIsRefusedUnread) {
    Limits limits;
    limits.body_bytes_max = 1000;
    RunningServer server(measure, limits);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"));
    const std::string answer = client.read_until("}}");
    EXPECT_TRUE(has(answer, "413 Payload Too Large")) << answer;
    EXPECT_TRUE(has(answer, "\"code\":\"too_large\"")) << answer;
}

TEST(ServerBodyTest, ABodyWithoutEndIsReadToItsLimitOnly) {
    Limits limits;
    limits.body_bytes_max = 100'000;
    limits.linger_time = limits.linger_time_max = 100ms;
    RunningServer server(measure, limits);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"));
    const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
    for (int i = 0; i < 1000 && client.send(chunk); ++i) continue;
    // It hangs up; how much it has read of what came too much, and so whether a word gets through, is up to
    // the kernel.
    EXPECT_FALSE(client.read_to_end().ends_with("(no end)"));
}

TEST(ServerBodyTest, ABodyThatDoesNotComeIsNotWaitedFor) {
    Limits limits;
    limits.body_time = 100ms;
    RunningServer server(measure, limits);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"));
    EXPECT_EQ(client.read_to_end(), "");
}

TEST(ServerBodyTest, ABodyThatDripsIsNotWaitedForEither) {
    Limits limits;
    limits.body_time = 500ms;
    limits.bytes_a_second_min = 1'000'000;
    RunningServer server(measure, limits);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n"));
    int sent = 0;
    while (sent < 60'000 && client.send_without_waiting("x") && !client.is_hung_up_within(1)) ++sent;
    EXPECT_LT(sent, 60'000);
}

TEST(ServerBodyTest, ABodyThatNobodyReadsEndsTheConnection) {
    RunningServer server(say_hello);
    Client client = Client::at(server.path());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789GET / HTTP/1.1\r\n\r\n"));
    const std::string answers = client.read_to_end();
    EXPECT_TRUE(has(answers, "Connection: close\r\n\r\nhello")) << answers;
}

asio::awaitable<void> refuse(Exchange& exchange) {
    Answer no{.head = {.status = 403, .headers = {}}, .body = "for a reason"};
    (void)co_await exchange.answer(std::move(no));
}

TEST(ServerBodyTest, WhoSendsAllOfItBeforeTheyListenHearWhyItWasRefused) {
    Limits limits;
    limits.body_bytes_max = 20'000'000;
    RunningServer server(refuse, limits);
    const std::string body(20'000'000, 'x');
    for (const bool is_near : {true, false}) {
        Client client = is_near ? Client::at(server.path()) : Client::at_port(server.port());
        ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 20000000\r\n\r\n"));
        EXPECT_TRUE(client.send(body));
        EXPECT_TRUE(client.read_to_end().ends_with("for a reason"));
    }
}

TEST(ServerBodyTest, WhoIsRefusedAndSendsWithoutEndOrDripsIsHungUpOn) {
    Limits limits;
    limits.linger_time = 100ms;
    limits.linger_time_max = 300ms;
    limits.body_bytes_max = 99'999'999'999;
    limits.bytes_a_second_min = 1'000'000;
    RunningServer server(refuse, limits);
    for (const std::string& piece : {std::string(100'000, 'x'), std::string("x")}) {
        Client client = Client::at(server.path());
        ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"));
        EXPECT_TRUE(has(client.read_until("for a reason"), "for a reason"));
        // All has been said, so that only the end can come.
        while (client.send_without_waiting(piece)) std::this_thread::yield();
    }
}

TEST(ServerBodyTest, WhoIsRefusedAndStaysMakesRoomForOthers) {
    Limits limits;
    limits.connections_max = 2;
    limits.linger_time = limits.linger_time_max = 1h;
    RunningServer server(refuse, limits);
    std::vector<Client> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(Client::at(server.path()));
        ASSERT_TRUE(clients.back().send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n"));
        EXPECT_TRUE(has(clients.back().read_until("for a reason"), "for a reason")) << i;
    }
}

}  // namespace
}  // namespace batchd::server
