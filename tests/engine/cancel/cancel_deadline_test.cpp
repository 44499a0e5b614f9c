#include "engine/cancel/cancel_deadline.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kAsked = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

TEST(CancelDeadlineTest, ABatchIsWaitedForAsLongAsThePatienceLasts) {
    EXPECT_EQ(end_deadline(kAsked, 24h, kAsked + 1h), kAsked + 24h);
    EXPECT_EQ(end_deadline(kAsked, 0s, kAsked), kAsked);
}

TEST(CancelDeadlineTest, WhatHasJustEndedIsFetchedForAMomentAtLeast) {
    EXPECT_EQ(collection_deadline(kAsked, kAsked + 1h, 24h, kAsked + 2h), kAsked + 24h);
    EXPECT_EQ(collection_deadline(kAsked, kAsked + 24h, 24h, kAsked + 48h), kAsked + 24h + kCollectionMin);
    EXPECT_EQ(collection_deadline(kAsked, kAsked - 1h, 0s, kAsked), kAsked);
}

TEST(CancelDeadlineTest, AClockThatWasSetBackDoesNotMakeItWaitForMonths) {
    EXPECT_EQ(end_deadline(kAsked, 24h, kAsked - 2h), kAsked - 2h);
    EXPECT_EQ(end_deadline(kAsked, 24h, kAsked - 2s), kAsked + 24h) << "a correction";
    EXPECT_EQ(collection_deadline(kAsked, kAsked, 24h, kAsked - 2h), kAsked - 2h + kCollectionMin);
}

}  // namespace
}  // namespace batchd::engine
