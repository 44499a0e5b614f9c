#include "engine/watch/poll_order.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using Rows = std::vector<std::int64_t>;

const Backoff kBackoff{1s, 8s};

TEST(PollOrderTest, WhoWasNotAskedForTheLongestComesFirst) {
    PollOrder order;
    EXPECT_EQ(order.to_ask({3, 1, 2}, 0s), (Rows{1, 2, 3}));
    order.asked(1);
    order.asked(2);
    EXPECT_EQ(order.to_ask({1, 2, 3}, 0s), (Rows{3, 1, 2}));
    order.asked(3);
    order.asked(1);
    EXPECT_EQ(order.to_ask({1, 2, 3}, 0s), (Rows{2, 3, 1}));
}

TEST(PollOrderTest, WhoCanNotBeAskedIsPassedOverLongerEachTime) {
    PollOrder order;
    Millis now = 0s;
    for (const Millis pause : {1s, 2s, 4s, 8s, 8s}) {
        order.failed(1, now, kBackoff, 0.0, "500");
        EXPECT_EQ(order.to_ask({1, 2}, now + pause - 1ms), (Rows{2}));
        now += pause;
        EXPECT_EQ(order.to_ask({1, 2}, now), (Rows{1, 2}));
    }
    EXPECT_TRUE(order.answered(1));
    EXPECT_FALSE(order.answered(1));
    order.failed(1, now, kBackoff, 0.0, "500");
    EXPECT_EQ(order.to_ask({1}, now + 1s), (Rows{1})) << "it begins anew";
}

TEST(PollOrderTest, SaysWhetherTheReasonIsNew) {
    PollOrder order;
    EXPECT_TRUE(order.failed(1, 0s, kBackoff, 0.0, "500"));
    EXPECT_FALSE(order.failed(1, 1s, kBackoff, 0.0, "500"));
    EXPECT_TRUE(order.failed(1, 2s, kBackoff, 0.0, "502"));
    EXPECT_TRUE(order.failed(2, 2s, kBackoff, 0.0, "502"));
    order.answered(1);
    EXPECT_TRUE(order.failed(1, 3s, kBackoff, 0.0, "502"));
}

TEST(PollOrderTest, ForgetsWhatIsNoLongerInFlight) {
    PollOrder order;
    order.asked(1);
    order.asked(2);
    order.failed(1, 0s, kBackoff, 0.0, "500");
    order.failed(2, 0s, kBackoff, 0.0, "500");
    EXPECT_EQ(order.keep_only({2}), (Rows{1}));
    EXPECT_EQ(order.to_ask({1, 2}, 0s), (Rows{1}));
}

TEST(PollOrderTest, OneBatchSaysNothingAboutTheOthersButTheKeyDoes) {
    for (const auto kind : {FailureKind::unavailable, FailureKind::refused, FailureKind::conflict,
                            FailureKind::doubt, FailureKind::token_limit})
        EXPECT_EQ(after_failure(kind), AfterFailure::pass_over);
    for (const auto kind : {FailureKind::unreachable, FailureKind::unauthorized, FailureKind::rate_limited,
                            FailureKind::quota, FailureKind::local})
        EXPECT_EQ(after_failure(kind), AfterFailure::stop);
    EXPECT_EQ(after_failure(FailureKind::not_found), AfterFailure::absent);
}

}  // namespace
}  // namespace batchd::engine
