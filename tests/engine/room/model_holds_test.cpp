#include "engine/room/model_holds.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

struct ModelHoldsTest : ::testing::Test {
    ModelHolds holds{Backoff{.min = 10s, .max = 35s}};
};

TEST_F(ModelHoldsTest, HoldNothingAtFirst) {
    EXPECT_FALSE(holds.held_for("m", 0s));
}

TEST_F(ModelHoldsTest, HoldAModelForAWhile) {
    EXPECT_EQ(holds.hold("m", 100s, 0.0), 10s);
    EXPECT_EQ(holds.held_for("m", 100s), 10s);
    EXPECT_EQ(holds.held_for("m", 109s), 1s);
    EXPECT_FALSE(holds.held_for("m", 110s));
    EXPECT_FALSE(holds.held_for("another", 100s));
}

TEST_F(ModelHoldsTest, HoldLongerEachTimeInARow) {
    EXPECT_EQ(holds.hold("m", 0s, 0.0), 10s);
    EXPECT_EQ(holds.hold("m", 10s, 0.0), 20s);
    EXPECT_EQ(holds.hold("m", 30s, 0.0), 35s);
}

TEST_F(ModelHoldsTest, LetGoAtOnceWhenThereMayBeRoomAndRememberTheRow) {
    holds.hold("m", 0s, 0.0);
    holds.release("m");
    EXPECT_FALSE(holds.held_for("m", 0s));
    EXPECT_EQ(holds.hold("m", 0s, 0.0), 20s) << "there was no room after all";
}

TEST_F(ModelHoldsTest, ForTheSakeOfAProviderInTroubleWhateverBecomesOfOtherBatches) {
    holds.hold_for("m", 0s, 60s, "in trouble");
    holds.hold("m", 0s, 0.0);
    holds.release("m");
    EXPECT_EQ(holds.held_for("m", 0s), 60s);
    holds.accepted("m");
    EXPECT_EQ(holds.held_for("m", 10s), 50s);
    EXPECT_EQ(holds.why_held("m"), "in trouble");
    EXPECT_FALSE(holds.held_for("m", 60s));
}

TEST_F(ModelHoldsTest, BeginAnewOnceABatchWasAccepted) {
    holds.hold("m", 0s, 0.0);
    holds.hold("m", 0s, 0.0);
    holds.accepted("m");
    EXPECT_FALSE(holds.held_for("m", 0s));
    EXPECT_EQ(holds.hold("m", 0s, 0.0), 10s);
}

TEST_F(ModelHoldsTest, BelieveALimitForADay) {
    EXPECT_FALSE(holds.learnt_limit("m", 0s));
    holds.learn_limit("m", 90'000, 1h);
    EXPECT_EQ(holds.learnt_limit("m", 25h), 90'000U);
    EXPECT_FALSE(holds.learnt_limit("m", 25h + 1ms));
    EXPECT_FALSE(holds.learnt_limit("another", 1h));
    EXPECT_EQ(holds.limit_of("m", {}, 1h), 90'000U);
    EXPECT_EQ(holds.limit_of("m", {{"m", 5}}, 1h), 5U) << "what is configured goes first";
    EXPECT_FALSE(holds.limit_of("another", {{"m", 5}}, 1h));
    holds.learn_limit("m", 180'000, 26h);
    EXPECT_EQ(holds.learnt_limit("m", 26h), 180'000U);
}

TEST_F(ModelHoldsTest, CountHowOftenInARowAShardWasRefusedAlone) {
    EXPECT_EQ(holds.refused("a", 1, 0), 1U);
    EXPECT_EQ(holds.refused("a", 2, 0), 1U);
    EXPECT_EQ(holds.refused("a", 1, 0), 2U);
    EXPECT_EQ(holds.refused("a", 1, 3), 0U) << "others were there";
    EXPECT_EQ(holds.refused("a", 1, 0), 1U);
    holds.forget_refusals("a", 1);
    EXPECT_EQ(holds.refused("a", 1, 0), 1U);
}

TEST_F(ModelHoldsTest, AreIndifferentToAModelThatTheyDoNotHold) {
    holds.release("m");
    holds.accepted("m");
    EXPECT_FALSE(holds.held_for("m", 0s));
}

}  // namespace
}  // namespace batchd::engine
