#include "provider/direct/pace/pace_line.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "base/async/task_group.hpp"
#include "support/manual_clock.hpp"
#include "support/run.hpp"

namespace batchd::provider::direct {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST(TurnsTest, OwnersTakeTurnsHoweverManyTheyHave) {
    Turns<int> turns;
    for (int i = 0; i < 4; ++i) turns.add({1}, i);
    turns.add({2}, 20);
    turns.add({3}, 30);
    turns.add({2}, 21);
    std::vector<int> order;
    for (; !turns.empty(); turns.pop()) order.push_back(turns.front());
    EXPECT_EQ(order, (std::vector<int>{0, 20, 30, 1, 21, 2, 3}));
}

TEST(TurnsTest, WhoeverLeavesTakesNobodysTurn) {
    Turns<int> turns;
    turns.add({1}, 10);
    turns.add({2}, 20);
    turns.add({1}, 11);
    turns.remove({1}, 10);
    turns.remove({3}, 30);
    EXPECT_EQ(turns.front(), 11);
    turns.remove({1}, 11);
    EXPECT_EQ(turns.front(), 20);
    turns.pop();
    EXPECT_TRUE(turns.empty());
}

TEST(TurnsTest, WhatHasAHigherPriorityGoesFirstAndTheOthersKeepTheirTurns) {
    Turns<int> turns;
    for (int i = 0; i < 3; ++i) turns.add({1, 0}, i);
    turns.add({2, -1}, 20);
    turns.add({3, 0}, 30);
    turns.pop();  // 0
    for (int i = 40; i < 42; ++i) turns.add({4, 5}, i);
    turns.add({5, 5}, 50);
    turns.add({4, 0}, 49);  // of the same name in another queue
    std::vector<int> order;
    for (; !turns.empty(); turns.pop()) order.push_back(turns.front());
    EXPECT_EQ(order, (std::vector<int>{40, 50, 41, 30, 1, 49, 2, 20}));
}

struct PaceLineTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context, TimePoint(1000s)};
    std::string order;

    PaceLine make(PaceLimits limits) {
        return PaceLine(limits, context.get_executor(), clock, [] { return 0.0; });
    }
    /// Sends `count` requests of a job, one after the other, and writes its letter for each.
    asio::awaitable<void> send(PaceLine& line, char job, int count, Feedback feedback, int priority = 0) {
        const Owner owner{static_cast<std::uint64_t>(job), priority};
        for (int i = 0; i < count; ++i) {
            auto pass = co_await line.enter(owner, 1);
            order.push_back(job);
            co_await clock.sleep_for(1s);
            pass.report(feedback);
        }
    }
};

TEST_F(PaceLineTest, ALargeJobHoldsUpNoSmallOne) {
    PaceLine line = make({.max_in_flight = 1});
    TaskGroup group(context.get_executor());
    for (int worker = 0; worker < 5; ++worker) group.spawn(send(line, 'L', 20, {.load = Load::answered}));
    group.spawn(send(line, 's', 3, {.load = Load::answered}));
    clock.advance(200s);
    EXPECT_EQ(order.size(), 103U);
    EXPECT_LT(order.rfind('s'), 12U) << order;
    testing::run(context, group.join());
}

TEST_F(PaceLineTest, AmongThoseWhoWaitTheHigherPriorityGoesFirst) {
    PaceLine line = make({.max_in_flight = 1});
    TaskGroup group(context.get_executor());
    for (int worker = 0; worker < 2; ++worker) {
        group.spawn(send(line, 'l', 3, {.load = Load::answered}, -1));
        group.spawn(send(line, 'h', 3, {.load = Load::answered}, 1));
    }
    clock.advance(20s);
    EXPECT_EQ(order, "lhhhhhhlllll");
    testing::run(context, group.join());
}

TEST_F(PaceLineTest, WhoeverIsOvertakenWhileItWaitsForThePauseWaitsOn) {
    PaceLine line = make({.max_in_flight = 1});
    TaskGroup group(context.get_executor());
    group.spawn(send(line, 'a', 1, {.load = Load::refused, .wait = 10s}));
    clock.advance(1s);
    group.spawn(send(line, 'l', 1, {.load = Load::answered}, 0));
    clock.advance(1s);
    group.spawn(send(line, 'h', 1, {.load = Load::answered}, 1));
    clock.advance(9s);
    EXPECT_EQ(order, "ah");
    clock.advance(10s);
    EXPECT_EQ(order, "ahl");
    testing::run(context, group.join());
}

TEST_F(PaceLineTest, WhoeverWaitsForTheServersPauseGoesWhenItIsOver) {
    PaceLine line = make({.max_in_flight = 4});
    TaskGroup group(context.get_executor());
    group.spawn(send(line, 'a', 1, {.load = Load::refused, .wait = 10s}));
    clock.advance(1s);
    group.spawn(send(line, 'b', 1, {.load = Load::answered}));
    clock.advance(9s);
    EXPECT_EQ(order, "a");
    clock.advance(1s);
    EXPECT_EQ(order, "ab");
    clock.advance(10s);
    testing::run(context, group.join());
}

TEST_F(PaceLineTest, OneWhoIsCancelledGivesItsPlaceToTheNext) {
    PaceLine line = make({.max_in_flight = 1});
    TaskGroup first(context.get_executor());
    TaskGroup group(context.get_executor());
    group.spawn(send(line, 'a', 1, {.load = Load::answered}));
    clock.advance(0s);
    first.spawn(send(line, 'b', 1, {.load = Load::answered}));
    clock.advance(0s);
    group.spawn(send(line, 'c', 1, {.load = Load::answered}));
    clock.advance(0s);
    first.cancel();
    clock.advance(10s);
    EXPECT_EQ(order, "ac");
    testing::run(context, first.join());
    testing::run(context, group.join());
    EXPECT_EQ(line.pace().in_flight(), 0U);
}

TEST_F(PaceLineTest, ARequestThatIsCancelledIsNotUnderWayAnyMore) {
    PaceLine line = make({.max_in_flight = 1});
    TaskGroup group(context.get_executor());
    group.spawn(send(line, 'a', 1, {.load = Load::answered}));
    clock.advance(0s);
    EXPECT_EQ(line.pace().in_flight(), 1U);
    group.cancel();
    testing::run(context, group.join());
    EXPECT_EQ(line.pace().in_flight(), 0U);
}

TEST_F(PaceLineTest, WhereItIsDrainedNobodyIsLetInAndWhatIsUnderWayIsWaitedFor) {
    PaceLine line = make({.max_in_flight = 2});
    TaskGroup group(context.get_executor());
    group.spawn(send(line, 'a', 5, {.load = Load::answered}));
    group.spawn(send(line, 'b', 5, {.load = Load::answered}));
    clock.advance(500ms);
    bool is_drained = false;
    const auto drain = [&]() -> asio::awaitable<void> {
        co_await line.drain();
        is_drained = true;
    };
    group.spawn(drain());
    clock.advance(400ms);
    EXPECT_FALSE(is_drained);
    clock.advance(100ms);
    EXPECT_TRUE(is_drained);
    line.let_go();
    clock.advance(10s);
    EXPECT_EQ(order, "ab") << "nobody goes any more";
    group.cancel();
    testing::run(context, group.join());
}

}  // namespace
}  // namespace batchd::provider::direct
