#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/async/task_group.hpp"
#include "base/async/wake.hpp"
#include "http/client_fixture.hpp"

namespace batchd::http {
namespace {

using namespace std::chrono_literals;

struct ClientStreamTest : ClientTest {
    std::string taken;
    std::size_t pieces = 0;

    Outcome<Response> stream(std::size_t wanted = 1'000'000'000) {
        auto sink = [this, wanted](std::string_view piece) {
            ++pieces;
            taken += piece;
            return taken.size() < wanted;
        };
        return run(context, client->request(make(Method::get), sink));
    }
};

TEST_F(ClientStreamTest, AGoodBodyIsHandedOverAndItsBeginningShown) {
    const std::string body(100'000, 'x');
    serve_answers({answer(200, body)});
    const auto response = stream();
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(taken, body);
    EXPECT_GT(pieces, 1U);
    EXPECT_EQ(response->body, std::string(4096, 'x'));
}

TEST_F(ClientStreamTest, WhereThereIsNoRoomNothingMoreIsReadUntilThereIs) {
    const std::string body(100'000, 'x');
    serve_answers({answer(200, body)});
    Wake has_room(context.get_executor());
    bool has_waited = false;
    const BodyRoom room = [&](std::uint64_t bytes) -> boost::asio::awaitable<void> {
        if (bytes < 20'000 || has_waited) co_return;
        has_waited = true;
        co_await has_room.wait();
    };
    const auto streaming = [&]() -> boost::asio::awaitable<Outcome<Response>> {
        TaskGroup others(context.get_executor());
        const auto look = [&]() -> boost::asio::awaitable<void> {
            while (!has_waited) co_await boost::asio::post(context, boost::asio::use_awaitable);
            EXPECT_GE(taken.size(), 20'000U);
            EXPECT_LE(taken.size(), 40'000U);
            has_room.raise();
        };
        others.spawn(look());
        BodySink sink = [&](std::string_view piece) {
            taken += piece;
            return true;
        };
        auto response = co_await client->request(make(Method::get), std::move(sink), room);
        co_await others.join();
        co_return response;
    };
    ASSERT_TRUE(run(context, streaming()));
    EXPECT_TRUE(has_waited);
    EXPECT_EQ(taken, body);
}

TEST_F(ClientStreamTest, ConnectionsThatNobodyUsesAreClosedWhenTold) {
    serve({replies({answer(200, "one")}), replies({answer(200, "two"), answer(200, "three")})});
    EXPECT_EQ(get()->body, "one");
    client->close_idle(0s);
    EXPECT_EQ(get()->body, "two");
    EXPECT_EQ(server->connections(), 2U);
    client->close_idle(1s);
    EXPECT_EQ(get()->body, "three");
    EXPECT_EQ(server->connections(), 2U);
}

TEST_F(ClientStreamTest, ARefusalIsNotHandedOver) {
    serve_answers({answer(400, "why")});
    EXPECT_EQ(stream()->body, "why");
    EXPECT_EQ(pieces, 0U);
}

TEST_F(ClientStreamTest, WhoeverHasEnoughStopsIt) {
    serve({replies({answer(200, std::string(1'000'000, 'x'))}), replies({answer(200, "next")})});
    const auto response = stream(10'000);
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_LT(taken.size(), 100'000U);
    EXPECT_EQ(get()->body, "next");
    EXPECT_EQ(server->connections(), 2U) << "what is left of the first answer is no part of another";
}

TEST_F(ClientStreamTest, ABodyBeyondTheLimitIsAnError) {
    options.streamed_bytes_max = 50'000;
    serve_answers({answer(200, std::string(100'000, 'x'))});
    const auto response = stream();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().code, Errc::too_large);
    EXPECT_LE(taken.size(), 50'000U);
}

TEST_F(ClientStreamTest, ABodyThatBreaksOffIsAnErrorBehindWhatCame) {
    serve({[](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nhalf");
    }});
    const auto response = stream();
    ASSERT_TRUE(response.has_error());
    EXPECT_EQ(response.error().phase, Phase::sent);
    EXPECT_EQ(taken, "half");
}

TEST_F(ClientStreamTest, ACallWithAPlaceDoesNotWaitInLine) {
    options.connections_max = 1;
    serve_answers({answer(200, "first"), answer(200, "second")});
    std::vector<std::string> order;
    TaskGroup group(context.get_executor());
    auto first = [&]() -> boost::asio::awaitable<void> {
        std::optional<Client::Place> place(co_await client->enter());
        co_await clock.sleep_for(10s);
        auto response = co_await client->request_within(*place, make(Method::get));
        place.reset();
        order.push_back(response->body);
    };
    auto second = [&]() -> boost::asio::awaitable<void> {
        auto response = co_await client->request(make(Method::get));
        order.push_back(response->body);
    };
    group.spawn(first());
    clock.advance(0s);
    group.spawn(second());
    clock.advance(0s);
    EXPECT_TRUE(server->requests().empty()) << "the only place is taken";
    clock.advance(10s);
    run(context, group.join());
    EXPECT_EQ(order, (std::vector<std::string>{"first", "second"}));
}

}  // namespace
}  // namespace batchd::http
