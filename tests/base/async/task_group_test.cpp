#include "base/async/task_group.hpp"

#include <stdexcept>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "support/manual_clock.hpp"

namespace batchd {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ManualClock;

struct TaskGroupTest : ::testing::Test {
    asio::io_context context{1};
    ManualClock clock{context};
    TaskGroup group{context.get_executor()};
    bool joined = false;

    asio::awaitable<void> join() {
        co_await group.join();
        joined = true;
    }
};

TEST_F(TaskGroupTest, JoinWaitsForTheLastTask) {
    group.spawn(clock.sleep_for(1s));
    group.spawn(clock.sleep_for(3s));
    auto end = asio::co_spawn(context, join(), asio::use_future);
    clock.advance(2s);
    EXPECT_FALSE(joined);
    clock.advance(1s);
    EXPECT_TRUE(joined);
    end.get();
}

TEST_F(TaskGroupTest, TheFirstFailureCancelsTheOthersAndIsRethrown) {
    group.spawn(clock.sleep_for(1h));
    group.spawn([](ManualClock& time) -> asio::awaitable<void> {
        co_await time.sleep_for(1s);
        throw std::runtime_error("broken");
    }(clock));
    auto end = asio::co_spawn(context, join(), asio::use_future);
    clock.advance(1s);
    EXPECT_EQ(clock.sleepers(), 0U);
    EXPECT_THROW(end.get(), std::runtime_error);
}

TEST_F(TaskGroupTest, CancelUnwindsAllAndIsNoFailure) {
    group.spawn(clock.sleep_for(1h));
    auto end = asio::co_spawn(context, join(), asio::use_future);
    clock.advance(1s);
    group.cancel();
    clock.advance(0s);
    EXPECT_TRUE(joined);
    end.get();
}

TEST_F(TaskGroupTest, AJoinThatIsCancelledCancelsTheTasksAndWaitsForThem) {
    TaskGroup outer(context.get_executor());
    group.spawn(clock.sleep_for(1h));
    outer.spawn(join());
    auto end = asio::co_spawn(context, outer.join(), asio::use_future);
    clock.advance(1s);
    outer.cancel();
    clock.advance(0s);
    EXPECT_EQ(clock.sleepers(), 0U);
    EXPECT_EQ(group.size(), 0U);
    end.get();
}

}  // namespace
}  // namespace batchd
