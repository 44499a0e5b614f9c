#include "engine/look/look_back.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

const TimePoint kAttemptAt = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

TEST(LookBackTest, GoesBackADayBeforeTheAttempt) {
    LookBack back(kAttemptAt, kAttemptAt + 5min);
    EXPECT_EQ(back.not_before(kAttemptAt + 5min), kAttemptAt - 24h);
}

TEST(LookBackTest, IsNotMisledByAClockThatIsAYearAhead) {
    LookBack back(kAttemptAt + 8760h, kAttemptAt + 8760h + 5min);
    EXPECT_EQ(back.not_before(kAttemptAt + 4min), kAttemptAt - 1min - 24h);
}

TEST(LookBackTest, GoesFurtherBackWhereTheClockIsBehind) {
    LookBack back(kAttemptAt - 8760h, kAttemptAt - 8760h + 5min);
    EXPECT_EQ(back.not_before(kAttemptAt + 4min), kAttemptAt - 8760h - 24h);
}

TEST(LookBackTest, KnowsNoEndAfterTheClockWasSetBack) {
    LookBack back(kAttemptAt, kAttemptAt - 1ms);
    EXPECT_EQ(back.not_before(kAttemptAt), TimePoint{});
}

TEST(LookBackTest, IsDecidedByTheFirstItemWithATime) {
    LookBack back(kAttemptAt, kAttemptAt + 5min);
    EXPECT_EQ(back.not_before(TimePoint{}), kAttemptAt - 24h);
    EXPECT_EQ(back.not_before(kAttemptAt - 1h), kAttemptAt - 1h - 5min - 24h);
    EXPECT_EQ(back.not_before(kAttemptAt - 9h), kAttemptAt - 1h - 5min - 24h);
}

}  // namespace
}  // namespace batchd::engine
