#include "engine/queue/waiting_tally.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

const TimePoint kNoon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h;

/// One that knows of a queue in which two files with five requests wait until midnight.
WaitingTally some() {
    WaitingTally tally;
    tally.learn_all({{"nightly", {.files = 2, .requests = 5, .oldest = kNoon}}});
    tally.looked_at("nightly", {.moment = kNoon + 12h, .enough = 10});
    return tally;
}

TEST(WaitingTallyTest, KnowsNothingBeforeAllWasCounted) {
    WaitingTally tally;
    EXPECT_FALSE(tally.knows("nightly"));
    EXPECT_TRUE(tally.add("nightly", 1, kNoon)) << "somebody has to count";
    EXPECT_TRUE(tally.queues().empty());
    tally.learn_all({});
    EXPECT_TRUE(tally.knows("nightly"));
    EXPECT_EQ(tally.in("nightly").files, 0U) << "what was added before is counted by the database";
}

TEST(WaitingTallyTest, OneMoreBehindTheOthersIsNoReasonToLook) {
    WaitingTally tally = some();
    EXPECT_FALSE(tally.add("nightly", 4, kNoon + 1s));
    EXPECT_EQ(tally.in("nightly").files, 3U);
    EXPECT_EQ(tally.in("nightly").requests, 9U);
    EXPECT_EQ(tally.in("nightly").oldest, kNoon);
    EXPECT_EQ(tally.moment_of("nightly"), kNoon + 12h);
}

TEST(WaitingTallyTest, TheFirstTheOldestAndTheOneThatMakesItEnoughAre) {
    WaitingTally tally = some();
    EXPECT_TRUE(tally.add("other", 1, kNoon)) << "the first";
    EXPECT_TRUE(tally.add("other", 1, kNoon + 1s)) << "nobody has looked yet";
    EXPECT_TRUE(tally.add("nightly", 1, kNoon - 1s)) << "older than all others";
    EXPECT_EQ(tally.in("nightly").oldest, kNoon - 1s);
    EXPECT_FALSE(tally.add("nightly", 3, kNoon));
    EXPECT_TRUE(tally.add("nightly", 1, kNoon)) << "ten requests";
    EXPECT_EQ(tally.queues(), (std::vector<std::string>{"nightly", "other"}));
}

TEST(WaitingTallyTest, WhatWasForgottenIsCountedAndLookedAtAgain) {
    WaitingTally tally = some();
    tally.forget("nightly");
    EXPECT_FALSE(tally.knows("nightly"));
    EXPECT_EQ(tally.queues(), std::vector<std::string>{"nightly"});
    EXPECT_EQ(tally.moment_of("nightly"), std::nullopt);
    EXPECT_TRUE(tally.add("nightly", 1, kNoon));
    tally.learn("nightly", {.files = 1, .requests = 1, .oldest = kNoon});
    EXPECT_EQ(tally.in("nightly").files, 1U);
    EXPECT_FALSE(tally.is_on_record("nightly", kNoon + 12h));
    tally.learn("nightly", {});
    EXPECT_TRUE(tally.queues().empty());
}

TEST(WaitingTallyTest, TellsWhetherAMomentIsOnRecordForAll) {
    WaitingTally tally = some();
    EXPECT_TRUE(tally.is_on_record("nightly", kNoon + 12h));
    EXPECT_FALSE(tally.is_on_record("nightly", kNoon + 13h));
    EXPECT_FALSE(tally.is_on_record("nightly", std::nullopt));
    tally.looked_at("nightly", {});
    EXPECT_TRUE(tally.is_on_record("nightly", std::nullopt)) << "that it is not known is something as well";
}

}  // namespace
}  // namespace batchd::engine
