#include "provider/direct/pace/allowance.hpp"

#include <gtest/gtest.h>

namespace batchd::provider::direct {
namespace {

using namespace std::chrono_literals;

constexpr Millis kStart = 1000s;

RateWindow window(double limit, double remaining, std::optional<Millis> reset = {}) {
    return {.limit = limit, .remaining = remaining, .reset = reset};
}

TEST(AllowanceTest, WithoutARateNothingWaits) {
    Allowance allowance = Allowance::a_minute(0);
    for (int i = 0; i < 1000; ++i) allowance.draw(1000, kStart);
    EXPECT_EQ(allowance.wait(1e9, kStart), 0ms);
}

TEST(AllowanceTest, SixtyAMinuteAreOneASecond) {
    Allowance allowance = Allowance::a_minute(60);
    EXPECT_EQ(allowance.wait(1, kStart), 0ms);
    allowance.draw(1, kStart);
    EXPECT_EQ(allowance.wait(1, kStart), 1000ms);
    EXPECT_EQ(allowance.wait(1, kStart + 400ms), 600ms);
    EXPECT_EQ(allowance.wait(1, kStart + 1s), 0ms);
}

TEST(AllowanceTest, NoMinuteHasMoreThanItsAmountAndASecondsWorth) {
    Allowance allowance = Allowance::a_minute(600);
    int sent = 0;
    for (Millis now = kStart; now < kStart + 60s; now += 10ms)
        for (; allowance.wait(1, now) == 0ms; ++sent) allowance.draw(1, now);
    EXPECT_LE(sent, 610);
    EXPECT_GE(sent, 600);
}

TEST(AllowanceTest, WhatIsLargerThanTheBucketGoesAloneAndIsPaidForAfterwards) {
    Allowance allowance = Allowance::a_minute(6000);
    EXPECT_EQ(allowance.wait(500, kStart), 0ms) << "the bucket is full with 100";
    allowance.draw(500, kStart);
    EXPECT_EQ(allowance.wait(10, kStart), 4100ms);
    EXPECT_EQ(allowance.wait(500, kStart), 5000ms) << "until it is full again";
}

TEST(AllowanceTest, AnEstimateIsCorrectedByWhatWasUsed) {
    Allowance allowance = Allowance::a_minute(6000);
    allowance.draw(100, kStart);
    EXPECT_EQ(allowance.wait(50, kStart), 500ms);
    allowance.correct(100, 40);
    EXPECT_EQ(allowance.wait(50, kStart), 0ms);
    allowance.correct(0, 60);
    EXPECT_EQ(allowance.wait(50, kStart), 500ms);
}

TEST(AllowanceTest, AServersHeadersMakeALimitWhereThereWasNone) {
    Allowance allowance;
    allowance.draw(1, kStart);
    allowance.observe(window(60, 2), 1, kStart, kStart);
    allowance.draw(1, kStart);
    allowance.draw(1, kStart);
    EXPECT_EQ(allowance.wait(1, kStart), 1000ms);
}

TEST(AllowanceTest, WhatWasSentSinceIsNotInTheServersCount) {
    Allowance allowance;
    allowance.draw(1, kStart);  // the one that will be answered
    for (int i = 0; i < 3; ++i) allowance.draw(1, kStart);
    allowance.observe(window(60, 5), 1, kStart, kStart);
    for (int i = 0; i < 2; ++i, allowance.draw(1, kStart)) EXPECT_EQ(allowance.wait(1, kStart), 0ms);
    EXPECT_GT(allowance.wait(1, kStart), 0ms);
}

TEST(AllowanceTest, OldNewsArePassedOver) {
    Allowance allowance;
    for (int i = 0; i < 2; ++i) allowance.draw(1, kStart);
    allowance.observe(window(60, 0), 2, kStart, kStart);
    allowance.observe(window(60, 59), 1, kStart, kStart);
    EXPECT_EQ(allowance.wait(1, kStart), 1000ms);
}

TEST(AllowanceTest, TheTimeToAFullAllowanceTellsTheRateOfADaysLimit) {
    Allowance allowance;
    allowance.draw(1, kStart);
    allowance.observe(window(14'400, 0, 3600s), 1, kStart, kStart);  // four a second
    EXPECT_EQ(allowance.wait(1, kStart), 250ms);
}

TEST(AllowanceTest, NothingLeftOfALimitThatIsNotNamedWaitsForItsReset) {
    Allowance allowance;
    allowance.draw(1, kStart);
    allowance.observe({.remaining = 0, .reset = 20s}, 1, kStart, kStart);
    EXPECT_EQ(allowance.wait(1, kStart + 5s), 15s);
    EXPECT_EQ(allowance.wait(1, kStart + 20s), 0ms);
    allowance.observe({.remaining = 0, .reset = 90s}, 1, kStart, kStart + 20s);
    allowance.draw(1, kStart);
    allowance.observe({.remaining = 7}, 2, kStart, kStart + 21s);
    EXPECT_EQ(allowance.wait(1, kStart + 21s), 0ms);
    allowance.observe({.remaining = 0}, 2, kStart, kStart + 21s);
    EXPECT_EQ(allowance.wait(1, kStart + 21s), 0ms) << "nobody says until when";
}

TEST(AllowanceTest, ALimitOfASecondIsOne) {
    Allowance allowance;
    RateWindow together{.limit = 10, .period = 1s};
    allowance.draw(1, kStart);
    allowance.observe(together, 1, kStart, kStart);
    EXPECT_EQ(allowance.wait(1, kStart), 100ms);
}

}  // namespace
}  // namespace batchd::provider::direct
