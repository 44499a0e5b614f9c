#include "http/watchdog.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

namespace batchd::http {
namespace {

using namespace std::chrono_literals;

struct WatchdogTest : ::testing::Test {
    boost::asio::io_context context{1};
    int bites = 0;

    std::unique_ptr<Watchdog> make(Millis limit) {
        return std::make_unique<Watchdog>(context.get_executor(), limit, [this] { ++bites; });
    }
};

TEST_F(WatchdogTest, GivesUpOnceWhereAnOperationTakesTooLong) {
    const auto watchdog = make(1ms);
    watchdog->begin();
    context.run();
    EXPECT_EQ(bites, 1);
    EXPECT_TRUE(watchdog->has_given_up());
}

TEST_F(WatchdogTest, LeavesAloneWhatHasEnded) {
    const auto watchdog = make(1ms);
    watchdog->begin();
    watchdog->end();
    EXPECT_EQ(context.run_one(), 1U);  // its look
    EXPECT_EQ(bites, 0);
    EXPECT_FALSE(watchdog->has_given_up());
}

TEST_F(WatchdogTest, GivesEachOperationTheWholeTime) {
    const auto watchdog = make(1ms);
    watchdog->begin();
    watchdog->end();
    EXPECT_EQ(context.run_one(), 1U);
    watchdog->begin();
    context.run();
    EXPECT_EQ(bites, 1);
}

TEST_F(WatchdogTest, AtRestItKeepsNobodyAwake) {
    const auto watchdog = make(1h);
    watchdog->begin();
    watchdog->end();
    watchdog->rest();
    context.run();  // returns: no timer is left
    EXPECT_EQ(bites, 0);
}

TEST_F(WatchdogTest, LooksAgainAfterARest) {
    const auto watchdog = make(1ms);
    watchdog->begin();
    watchdog->rest();
    watchdog->begin();
    context.run();
    EXPECT_EQ(bites, 1);
}

TEST_F(WatchdogTest, IsSilentOnceItIsGone) {
    make(1ms)->begin();
    context.run();
    EXPECT_EQ(bites, 0);
}

}  // namespace
}  // namespace batchd::http
