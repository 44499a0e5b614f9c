#include "engine/model_holds.hpp"

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

TEST_F(ModelHoldsTest, BeginAnewOnceABatchWasAccepted) {
    holds.hold("m", 0s, 0.0);
    holds.hold("m", 0s, 0.0);
    holds.accepted("m");
    EXPECT_FALSE(holds.held_for("m", 0s));
    EXPECT_EQ(holds.hold("m", 0s, 0.0), 10s);
}

TEST_F(ModelHoldsTest, AreIndifferentToAModelThatTheyDoNotHold) {
    holds.release("m");
    holds.accepted("m");
    EXPECT_FALSE(holds.held_for("m", 0s));
}

}  // namespace
}  // namespace batchd::engine
