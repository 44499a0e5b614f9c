#include "notify/pace.hpp"

#include <gtest/gtest.h>

namespace batchd::notify {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 27);

TEST(PaceTest, TheFirstMessageGoesAtOnceAndTheNextAMinuteLater) {
    EXPECT_EQ(pause_before_next(true, std::nullopt, kNow), 0ms);
    EXPECT_EQ(pause_before_next(true, kNow, kNow), 60s);
    EXPECT_EQ(pause_before_next(true, kNow - 50s, kNow), 10s);
    EXPECT_EQ(pause_before_next(true, kNow - 61s, kNow), 0ms);
}

TEST(PaceTest, WhatIsNotSummedUpDoesNotWait) {
    EXPECT_EQ(pause_before_next(false, kNow, kNow), 0ms);
}

TEST(PaceTest, AClockThatWasSetBackIsNotWaitedFor) {
    EXPECT_EQ(pause_before_next(true, kNow + 24h, kNow), 0ms);
}

TEST(PaceTest, ANoticeIsGivenUpOnceItCouldHaveBeenToldForAsLongAsThePatience) {
    EXPECT_FALSE(is_given_up(kNow - 48h, std::nullopt, 24h, kNow)) << "nothing was tried yet";
    EXPECT_FALSE(is_given_up(kNow - 48h, kNow - 23h, 24h, kNow));
    EXPECT_TRUE(is_given_up(kNow - 48h, kNow - 24h, 24h, kNow));
    EXPECT_FALSE(is_given_up(kNow - 1h, kNow - 48h, 24h, kNow)) << "it came while the target was down";
    EXPECT_TRUE(is_given_up(kNow - 24h, kNow - 48h, 24h, kNow));
}

}  // namespace
}  // namespace batchd::notify
