#include "engine/release/release_rules.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kTaken = std::chrono::sys_days(std::chrono::year(2026) / 11 / 27) + 10h;  // a Friday

ReleaseRules rules(const config::Queue& queue) {
    return ReleaseRules::of(queue).value();
}

const WaitingFiles kThree{.files = 3, .requests = 12, .oldest = kTaken};

TEST(ReleaseRulesTest, WithoutRulesNothingWaits) {
    const Release release = when_released(rules({}), kThree, kTaken + 1s);
    EXPECT_EQ(release.until, kTaken + 1s);
}

TEST(ReleaseRulesTest, TheOldestWaitsForCompanySoLongAndThenAllGo) {
    config::Queue queue;
    queue.collect = 10min;
    // It was taken at any moment of the second that is on record.
    const TimePoint due = kTaken + 10min + 1s;
    Release release = when_released(rules(queue), kThree, due - 1ms);
    EXPECT_FALSE(release.until);
    EXPECT_EQ(release.next, due);
    release = when_released(rules(queue), kThree, due);
    EXPECT_EQ(release.until, due);
    EXPECT_EQ(release.why, "the oldest has waited for 10m");
}

TEST(ReleaseRulesTest, SoManyRequestsGoAtOnce) {
    config::Queue queue;
    queue.collect_requests = 13;
    Release release = when_released(rules(queue), kThree, kTaken + 1000h);
    EXPECT_FALSE(release.until);
    EXPECT_FALSE(release.next) << "nobody knows when more come";
    queue.collect_requests = 12;
    release = when_released(rules(queue), kThree, kTaken);
    EXPECT_EQ(release.until, kTaken);
    EXPECT_EQ(release.why, "12 requests wait");
}

TEST(ReleaseRulesTest, AScheduleTakesWhatWaitedWhenItsMomentCame) {
    config::Queue queue;
    queue.schedule = "0 2 * * mon-fri";
    queue.timezone = "UTC";
    const TimePoint monday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 2h;
    Release release = when_released(rules(queue), kThree, kTaken + 1h);
    EXPECT_FALSE(release.until);
    EXPECT_EQ(release.next, monday);
    // The daemon was stopped for a week: what came behind the moment waits for the next one.
    release = when_released(rules(queue), kThree, monday + 24h * 7);
    EXPECT_EQ(release.until, monday);
    EXPECT_EQ(release.why, "its schedule");
}

TEST(ReleaseRulesTest, OfSeveralRulesTheFirstCounts) {
    config::Queue queue;
    queue.schedule = "@daily";
    queue.timezone = "UTC";
    queue.collect = 1h;
    EXPECT_EQ(when_released(rules(queue), kThree, kTaken).next, kTaken + 1h + 1s);
    queue.collect = 100h;
    EXPECT_EQ(when_released(rules(queue), kThree, kTaken).next, kTaken + 14h);
    queue.collect_requests = 5;
    EXPECT_EQ(when_released(rules(queue), kThree, kTaken).until, kTaken);
}

TEST(ReleaseRulesTest, WhatCanNotBeReadIsNamed) {
    config::Queue queue;
    queue.schedule = "0 2 * *";
    EXPECT_FALSE(ReleaseRules::of(queue));
    queue.schedule = "@daily";
    queue.timezone = "Europe/Nowhere";
    EXPECT_FALSE(ReleaseRules::of(queue));
}

}  // namespace
}  // namespace batchd::engine
