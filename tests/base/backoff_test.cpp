#include "base/backoff.hpp"

#include <gtest/gtest.h>

namespace batchd {
namespace {

using namespace std::chrono_literals;

constexpr Backoff kBackoff{.min = 1s, .max = 10s};

TEST(BackoffTest, DoublesFromTheLeastToTheMost) {
    EXPECT_EQ(kBackoff.delay(1, 0.0), 1s);
    EXPECT_EQ(kBackoff.delay(2, 0.0), 2s);
    EXPECT_EQ(kBackoff.delay(3, 0.0), 4s);
    EXPECT_EQ(kBackoff.delay(4, 0.0), 8s);
    EXPECT_EQ(kBackoff.delay(5, 0.0), 10s);
    EXPECT_EQ(kBackoff.delay(6, 0.0), 10s);
}

TEST(BackoffTest, StaysAtTheMostHoweverOftenItFails) {
    EXPECT_EQ(kBackoff.delay(4'000'000'000U, 0.0), 10s);
}

TEST(BackoffTest, TakesOffAQuarterAtMost) {
    EXPECT_EQ(kBackoff.delay(3, 0.5), 3500ms);
    EXPECT_GT(kBackoff.delay(3, 0.999), 3s);
}

TEST(BackoffTest, NeverGoesAboveTheMostWhenTheLeastIsAboveIt) {
    EXPECT_EQ((Backoff{.min = 5s, .max = 2s}.delay(1, 0.0)), 2s);
}

TEST(BackoffTest, ARandomJitterIsInItsRange) {
    for (int i = 0; i < 1000; ++i) {
        const double jitter = random_jitter();
        ASSERT_GE(jitter, 0.0);
        ASSERT_LT(jitter, 1.0);
    }
}

}  // namespace
}  // namespace batchd
