#include "base/async/wake.hpp"

#include <optional>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/async/task_group.hpp"
#include "support/manual_clock.hpp"

namespace batchd {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct WakeTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context};
    Wake wake{context.get_executor()};
    std::optional<bool> raised;

    asio::awaitable<void> wait_ten_seconds() { raised = co_await wake.wait_for(clock, 10s); }
};

TEST_F(WakeTest, EndsTheWaitWhenRaised) {
    auto end = asio::co_spawn(context, wait_ten_seconds(), asio::use_future);
    clock.advance(1s);
    EXPECT_FALSE(raised);
    wake.raise();
    clock.advance(0s);
    EXPECT_EQ(raised, true);
    EXPECT_EQ(clock.sleepers(), 0U);
    end.get();
}

TEST_F(WakeTest, EndsTheWaitWhenTheTimeIsOver) {
    auto end = asio::co_spawn(context, wait_ten_seconds(), asio::use_future);
    clock.advance(10s);
    EXPECT_EQ(raised, false);
    end.get();
}

TEST_F(WakeTest, EndsTheWaitAtTheMomentWhereverTheClockIsSet) {
    auto wait = [](Wake& on, Clock& wall, std::optional<bool>& result) -> asio::awaitable<void> {
        result = co_await on.wait_until(wall, TimePoint{1h});
    };
    auto end = asio::co_spawn(context, wait(wake, clock, raised), asio::use_future);
    clock.advance(1min);
    EXPECT_FALSE(raised);
    clock.set_by(59min);
    EXPECT_EQ(raised, false);
    end.get();
}

TEST_F(WakeTest, RemembersThatItWasRaisedBeforeAnybodyWaited) {
    wake.raise();
    wake.raise();
    auto end = asio::co_spawn(context, wait_ten_seconds(), asio::use_future);
    clock.advance(0s);
    EXPECT_EQ(raised, true);
    end.get();
}

TEST_F(WakeTest, UnwindsWhenCancelled) {
    TaskGroup group(context.get_executor());
    group.spawn(wait_ten_seconds());
    clock.advance(1s);
    group.cancel();
    clock.advance(0s);
    EXPECT_FALSE(raised);
    EXPECT_EQ(group.size(), 0U);
    EXPECT_EQ(clock.sleepers(), 0U);
}

}  // namespace
}  // namespace batchd
