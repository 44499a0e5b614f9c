#include "engine/doubt/doubt.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

TEST(DoubtTest, WatchesForTwinsForHalfAnHourOrSixtyTimesTheLag) {
    EXPECT_EQ(twin_watch(0s), 30min);
    EXPECT_EQ(twin_watch(10s), 30min);
    EXPECT_EQ(twin_watch(10min), 10h);
}

TEST(DoubtTest, DoesNotCountALookWithinTheLag) {
    Doubt doubt(100s, 10s);
    for (int look = 0; look < 5; ++look) {
        const Doubt::Next next = doubt.not_found(103s, 103s);
        EXPECT_FALSE(next.believed_absent);
        EXPECT_EQ(next.look_again_in, 7s);
    }
    EXPECT_FALSE(doubt.not_found(110s, 110s).believed_absent) << "the first that counts";
}

TEST(DoubtTest, CountsAWalkByWhenItBegan) {
    Doubt doubt(100s, 10s);
    const Doubt::Next first = doubt.not_found(100s, 112s);
    EXPECT_FALSE(first.believed_absent);
    EXPECT_EQ(first.look_again_in, 0s) << "it shows what the list had before";
    EXPECT_FALSE(doubt.not_found(112s, 124s).believed_absent) << "the first that counts";
    EXPECT_TRUE(doubt.not_found(129s, 141s).believed_absent);
}

TEST(DoubtTest, IsSettledByTwoLooksBehindTheLag) {
    Doubt doubt(100s, 10s);
    const Doubt::Next first = doubt.not_found(110s, 110s);
    EXPECT_FALSE(first.believed_absent);
    EXPECT_EQ(first.look_again_in, 5s);
    EXPECT_TRUE(doubt.not_found(115s, 115s).believed_absent);
}

TEST(DoubtTest, StillTakesTwoLooksWhereListingsDoNotLag) {
    Doubt doubt(100s, 0s);
    EXPECT_FALSE(doubt.not_found(100s, 100s).believed_absent);
    EXPECT_TRUE(doubt.not_found(100s, 100s).believed_absent);
}

}  // namespace
}  // namespace batchd::engine
