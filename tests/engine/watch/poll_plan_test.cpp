#include "engine/watch/poll_plan.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

TEST(PollPlannerTest, AsksForOneOrTwoBatchesByTheirIds) {
    PollPlanner planner;
    EXPECT_EQ(planner.plan(1).pages_max, 0U);
    EXPECT_EQ(planner.plan(2).pages_max, 0U);
    EXPECT_GT(planner.plan(3).pages_max, 0U);
}

TEST(PollPlannerTest, ListsNoMorePagesThanAskingWouldTakeCalls) {
    PollPlanner planner;
    EXPECT_EQ(planner.plan(3).pages_max, 3U);
    EXPECT_EQ(planner.plan(500).pages_max, 500U);
    EXPECT_EQ(planner.plan(1'000'000).pages_max, 10'000U);
}

TEST(PollPlannerTest, KeepsListingWhileThatShowsHalfOfThem) {
    PollPlanner planner;
    planner.listed(10, 5);
    EXPECT_GT(planner.plan(10).pages_max, 0U);
}

TEST(PollPlannerTest, AsksForTwentyRoundsWhereListingShowedTooFewThenTriesAgain) {
    PollPlanner planner;
    planner.listed(10, 4);
    for (int round = 0; round < 20; ++round) ASSERT_EQ(planner.plan(10).pages_max, 0U) << round;
    EXPECT_GT(planner.plan(10).pages_max, 0U);
}

}  // namespace
}  // namespace batchd::engine
