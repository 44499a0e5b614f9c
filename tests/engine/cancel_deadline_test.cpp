#include "engine/cancel_deadline.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kAsked = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

TEST(CancelDeadlineTest, ABatchIsWaitedForAsLongAsThePatienceLasts) {
    EXPECT_EQ(end_deadline(kAsked, 24h), kAsked + 24h);
    EXPECT_EQ(end_deadline(kAsked, 0s), kAsked);
}

TEST(CancelDeadlineTest, WhatHasJustEndedIsFetchedForAMomentAtLeast) {
    EXPECT_EQ(collection_deadline(kAsked, kAsked + 1h, 24h), kAsked + 24h);
    EXPECT_EQ(collection_deadline(kAsked, kAsked + 24h, 24h), kAsked + 24h + kCollectionMin);
    EXPECT_EQ(collection_deadline(kAsked, kAsked - 1h, 0s), kAsked);
}

}  // namespace
}  // namespace batchd::engine
