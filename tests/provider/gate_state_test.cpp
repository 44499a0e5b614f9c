#include "provider/gate_state.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

using namespace std::chrono_literals;

Failure failure(FailureKind kind, std::optional<Millis> retry_after = std::nullopt, unsigned status = 0) {
    Failure made;
    made.kind = kind;
    made.http_status = status;
    made.message = "why";
    made.retry_after = retry_after;
    return made;
}

struct GateStateTest : ::testing::Test {
    GateState gate{{1s, 60s}};

    GateState::Pass pass(Lane lane, Millis now = 0s) { return gate.admit(lane, now).pass.value(); }
    /// Lets one call in and has it fail, without jitter.
    GateState::Changes fail(Lane lane, const Failure& with, Millis now = 0s) {
        return gate.report_failure(pass(lane, now), with, now, 0);
    }
    bool is_open(Lane lane, Millis now) {
        const auto admission = gate.admit(lane, now);
        if (admission.pass) gate.abandon(*admission.pass);
        return admission.pass.has_value();
    }
};

TEST_F(GateStateTest, LetsAnyNumberThroughWhileAllIsWell) {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(gate.admit(Lane::other, 0s).pass.has_value());
    EXPECT_TRUE(gate.closures().empty());
}

TEST_F(GateStateTest, ARateLimitClosesItsLaneAndNoOther) {
    const auto changes = fail(Lane::create, failure(FailureKind::rate_limited));
    ASSERT_EQ(changes.closed.size(), 1U);
    EXPECT_EQ(changes.closed[0].kind, FailureKind::rate_limited);
    EXPECT_EQ(gate.admit(Lane::create, 0s).wait, 1s);
    EXPECT_TRUE(is_open(Lane::upload, 0s));
    EXPECT_TRUE(is_open(Lane::other, 0s));
    EXPECT_TRUE(is_open(Lane::create, 1s));
}

TEST_F(GateStateTest, TheWaitDoublesUpToItsMost) {
    std::vector<Millis> waits;
    Millis now = 0s;
    for (int i = 0; i < 9; ++i) {
        fail(Lane::other, failure(FailureKind::rate_limited), now);
        waits.push_back(gate.admit(Lane::other, now).wait);
        now += waits.back();
    }
    EXPECT_EQ(waits, (std::vector<Millis>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}));
}

TEST_F(GateStateTest, AnAnswerStartsTheWaitsAnew) {
    fail(Lane::other, failure(FailureKind::rate_limited), 0s);
    fail(Lane::other, failure(FailureKind::rate_limited), 10s);
    const auto changes = gate.report_success(pass(Lane::other, 20s));
    ASSERT_EQ(changes.opened.size(), 1U);
    EXPECT_EQ(changes.opened[0].kind, FailureKind::rate_limited);
    fail(Lane::other, failure(FailureKind::rate_limited), 30s);
    EXPECT_EQ(gate.admit(Lane::other, 30s).wait, 1s);
}

TEST_F(GateStateTest, WhatTheProviderAsksForGoesFirst) {
    fail(Lane::other, failure(FailureKind::rate_limited, 600s));
    EXPECT_EQ(gate.admit(Lane::other, 0s).wait, 600s);
    fail(Lane::upload, failure(FailureKind::doubt, 30s, 503));
    EXPECT_EQ(gate.admit(Lane::upload, 0s).wait, 30s);
}

TEST_F(GateStateTest, JitterSpreadsTheWaits) {
    const auto call = pass(Lane::other);
    gate.report_failure(call, failure(FailureKind::rate_limited), 0s, 1.0);
    EXPECT_EQ(gate.admit(Lane::other, 0s).wait, 500ms);
    const auto upload = pass(Lane::upload);
    gate.report_failure(upload, failure(FailureKind::rate_limited, 10s), 0s, 0.5);
    EXPECT_EQ(gate.admit(Lane::upload, 0s).wait, 10'500ms);
}

TEST_F(GateStateTest, OfSeveralCallsThatHitOneLimitOneCounts) {
    const auto first = pass(Lane::other);
    const auto second = pass(Lane::other);
    const auto third = pass(Lane::other);
    gate.report_failure(first, failure(FailureKind::rate_limited), 0s, 0);
    EXPECT_TRUE(gate.report_failure(second, failure(FailureKind::rate_limited), 0s, 0).closed.empty());
    EXPECT_EQ(gate.admit(Lane::other, 0s).wait, 1s);
    gate.report_failure(third, failure(FailureKind::rate_limited, 5s), 0s, 0);
    EXPECT_EQ(gate.admit(Lane::other, 0s).wait, 5s);
}

TEST_F(GateStateTest, ACallFromBeforeTheClosureDoesNotOpenIt) {
    const auto early = pass(Lane::other);
    fail(Lane::other, failure(FailureKind::unauthorized));
    EXPECT_TRUE(gate.report_success(early).opened.empty());
    EXPECT_FALSE(is_open(Lane::other, 0s));
}

TEST_F(GateStateTest, AnUnreachableProviderClosesAllUntilOneProbeGetsThrough) {
    EXPECT_EQ(fail(Lane::other, failure(FailureKind::unreachable)).closed.size(), 1U);
    for (const Lane lane : {Lane::upload, Lane::create, Lane::other}) EXPECT_FALSE(is_open(lane, 0s));
    const auto probe = pass(Lane::upload, 1s);
    EXPECT_TRUE(probe.is_probe);
    for (const Lane lane : {Lane::upload, Lane::create, Lane::other}) EXPECT_FALSE(is_open(lane, 1s));
    EXPECT_EQ(gate.report_success(probe).opened.size(), 1U);
    for (const Lane lane : {Lane::upload, Lane::create, Lane::other}) EXPECT_TRUE(is_open(lane, 1s));
}

TEST_F(GateStateTest, AProbeThatFailsMakesAllWaitLongerAndIsNoNews) {
    fail(Lane::other, failure(FailureKind::unreachable));
    const auto changes = fail(Lane::create, failure(FailureKind::unreachable), 1s);
    EXPECT_TRUE(changes.closed.empty());
    EXPECT_EQ(gate.admit(Lane::other, 1s).wait, 2s);
}

TEST_F(GateStateTest, AProbeThatEndsWithoutAnOutcomeLetsAnotherOneGo) {
    fail(Lane::other, failure(FailureKind::unreachable));
    const auto probe = pass(Lane::other, 1s);
    gate.abandon(probe);
    EXPECT_TRUE(pass(Lane::other, 1s).is_probe);
}

TEST_F(GateStateTest, AProbeThatTimesOutMakesTheOthersWait) {
    fail(Lane::other, failure(FailureKind::unreachable));
    fail(Lane::other, failure(FailureKind::unavailable), 1s);
    EXPECT_EQ(gate.admit(Lane::other, 1s).wait, 2s);
}

TEST_F(GateStateTest, AServersFaultShowsThatItIsThere) {
    fail(Lane::other, failure(FailureKind::unreachable));
    EXPECT_EQ(fail(Lane::other, failure(FailureKind::unavailable, std::nullopt, 500), 1s).opened.size(), 1U);
    EXPECT_TRUE(is_open(Lane::other, 1s));
}

TEST_F(GateStateTest, FaultsOfOneCallAreNoReasonToStopTheOthers) {
    for (const auto kind :
         {FailureKind::unavailable, FailureKind::doubt, FailureKind::refused, FailureKind::not_found,
          FailureKind::conflict, FailureKind::token_limit, FailureKind::local})
        EXPECT_TRUE(fail(Lane::other, failure(kind)).closed.empty());
    EXPECT_TRUE(is_open(Lane::other, 0s));
}

TEST_F(GateStateTest, ASpentQuotaStopsCreationsOnly) {
    fail(Lane::create, failure(FailureKind::quota));
    EXPECT_EQ(gate.admit(Lane::create, 0s).wait, 60s);
    EXPECT_TRUE(is_open(Lane::other, 0s));
    EXPECT_TRUE(gate.report_success(pass(Lane::upload)).opened.empty());
    EXPECT_FALSE(is_open(Lane::create, 0s));
    EXPECT_EQ(gate.report_success(pass(Lane::create, 60s)).opened.size(), 1U);
}

TEST_F(GateStateTest, ARefusedKeyStopsAllUntilItIsChanged) {
    EXPECT_EQ(fail(Lane::other, failure(FailureKind::unauthorized)).closed.size(), 1U);
    EXPECT_FALSE(is_open(Lane::upload, 59s));
    EXPECT_EQ(gate.key_changed().opened.size(), 1U);
    for (const Lane lane : {Lane::upload, Lane::create, Lane::other}) EXPECT_TRUE(is_open(lane, 0s));
}

TEST_F(GateStateTest, AKeyThatMayLookButNotWriteKeepsTheWritersWaiting) {
    fail(Lane::upload, failure(FailureKind::unauthorized));
    EXPECT_TRUE(gate.report_success(pass(Lane::other, 60s)).opened.empty());
    EXPECT_TRUE(is_open(Lane::other, 60s));
    EXPECT_EQ(gate.closures().size(), 1U);
}

TEST_F(GateStateTest, ACallUnderWayWithTheOldKeySaysNothingAboutTheNewOne) {
    const auto old = pass(Lane::other);
    gate.key_changed();
    EXPECT_TRUE(gate.report_failure(old, failure(FailureKind::unauthorized), 0s, 0).closed.empty());
    EXPECT_TRUE(is_open(Lane::other, 0s));
}

TEST_F(GateStateTest, AnotherKeyDoesNotRepairTheNetwork) {
    fail(Lane::other, failure(FailureKind::unreachable));
    EXPECT_TRUE(gate.key_changed().opened.empty());
    EXPECT_FALSE(is_open(Lane::other, 0s));
}

TEST_F(GateStateTest, SaysWhyInPlainWords) {
    fail(Lane::other, failure(FailureKind::unreachable));
    EXPECT_EQ(gate.closures().at(0).reason, "the provider can't be reached: why");
}

}  // namespace
}  // namespace batchd::provider
