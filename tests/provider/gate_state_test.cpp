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
    GateState gate{{.min = 1s, .max = 60s, .spread = 0.5}};

    GateState::Pass pass(CallKind lane, Millis now = 0s) { return gate.admit(lane, now).pass.value(); }
    /// Lets one call in and has it fail, without jitter.
    GateState::Changes fail(CallKind lane, const Failure& with, Millis now = 0s, Reach reach = Reach::all) {
        return gate.report_failure(pass(lane, now), with, now, 0, reach);
    }
    bool is_open(CallKind lane, Millis now) {
        const auto admission = gate.admit(lane, now);
        if (admission.pass) gate.abandon(*admission.pass);
        return admission.pass.has_value();
    }
};

TEST_F(GateStateTest, LetsAnyNumberThroughWhileAllIsWell) {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(gate.admit(CallKind::other, 0s).pass.has_value());
    EXPECT_TRUE(gate.closures().empty());
}

TEST_F(GateStateTest, ARateLimitClosesItsLaneAndNoOther) {
    const auto changes = fail(CallKind::create, failure(FailureKind::rate_limited));
    ASSERT_EQ(changes.closed.size(), 1U);
    EXPECT_EQ(changes.closed[0].kind, FailureKind::rate_limited);
    EXPECT_EQ(gate.admit(CallKind::create, 0s).wait, 1s);
    EXPECT_TRUE(is_open(CallKind::upload, 0s));
    EXPECT_TRUE(is_open(CallKind::other, 0s));
    EXPECT_TRUE(is_open(CallKind::create, 1s));
}

TEST_F(GateStateTest, TheWaitDoublesUpToItsMost) {
    std::vector<Millis> waits;
    Millis now = 0s;
    for (int i = 0; i < 9; ++i) {
        fail(CallKind::other, failure(FailureKind::rate_limited), now);
        waits.push_back(gate.admit(CallKind::other, now).wait);
        now += waits.back();
    }
    EXPECT_EQ(waits, (std::vector<Millis>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}));
}

TEST_F(GateStateTest, WhatABatchIsRefusedForWantOfMoneyClosesCreatesLikeARefusedCreate) {
    const Failure refusal = failure(FailureKind::quota, std::nullopt, 429);
    const auto changes = gate.report_unpaid(refusal, 0s, 0);
    ASSERT_EQ(changes.closed.size(), 1U);
    EXPECT_EQ(changes.closed[0].reason, "the account's quota is spent: 429: why");
    EXPECT_FALSE(is_open(CallKind::create, 59s));
    EXPECT_TRUE(is_open(CallKind::upload, 0s));
    EXPECT_TRUE(gate.report_unpaid(refusal, 30s, 0).closed.empty()) << "the next batch says the same";
    ASSERT_TRUE(is_open(CallKind::create, 60s));
    EXPECT_EQ(gate.report_success(pass(CallKind::create, 60s)).opened.size(), 1U);
}

TEST_F(GateStateTest, WhereAllIsClosedAnUnpaidBatchChangesNothing) {
    fail(CallKind::other, failure(FailureKind::unauthorized));
    EXPECT_TRUE(gate.report_unpaid(failure(FailureKind::quota), 0s, 0).closed.empty());
    EXPECT_EQ(gate.closures().size(), 1U);
    EXPECT_EQ(gate.closures()[0].kind, FailureKind::unauthorized);
}

TEST_F(GateStateTest, AnAnswerStartsTheWaitsAnew) {
    fail(CallKind::other, failure(FailureKind::rate_limited), 0s);
    fail(CallKind::other, failure(FailureKind::rate_limited), 10s);
    const auto changes = gate.report_success(pass(CallKind::other, 20s));
    ASSERT_EQ(changes.opened.size(), 1U);
    EXPECT_EQ(changes.opened[0].kind, FailureKind::rate_limited);
    fail(CallKind::other, failure(FailureKind::rate_limited), 30s);
    EXPECT_EQ(gate.admit(CallKind::other, 30s).wait, 1s);
}

TEST_F(GateStateTest, WhatTheProviderAsksForGoesFirst) {
    fail(CallKind::other, failure(FailureKind::rate_limited, 600s));
    EXPECT_EQ(gate.admit(CallKind::other, 0s).wait, 600s);
    fail(CallKind::upload, failure(FailureKind::doubt, 30s, 503));
    EXPECT_EQ(gate.admit(CallKind::upload, 0s).wait, 30s);
}

TEST_F(GateStateTest, JitterSpreadsTheWaits) {
    const auto call = pass(CallKind::other);
    gate.report_failure(call, failure(FailureKind::rate_limited), 0s, 1.0);
    EXPECT_EQ(gate.admit(CallKind::other, 0s).wait, 500ms);
    const auto upload = pass(CallKind::upload);
    gate.report_failure(upload, failure(FailureKind::rate_limited, 10s), 0s, 0.5);
    EXPECT_EQ(gate.admit(CallKind::upload, 0s).wait, 10'500ms);
}

TEST_F(GateStateTest, OfSeveralCallsThatHitOneLimitOneCounts) {
    const auto first = pass(CallKind::other);
    const auto second = pass(CallKind::other);
    const auto third = pass(CallKind::other);
    gate.report_failure(first, failure(FailureKind::rate_limited), 0s, 0);
    EXPECT_TRUE(gate.report_failure(second, failure(FailureKind::rate_limited), 0s, 0).closed.empty());
    EXPECT_EQ(gate.admit(CallKind::other, 0s).wait, 1s);
    gate.report_failure(third, failure(FailureKind::rate_limited, 5s), 0s, 0);
    EXPECT_EQ(gate.admit(CallKind::other, 0s).wait, 5s);
}

TEST_F(GateStateTest, ACallFromBeforeTheClosureDoesNotOpenIt) {
    const auto early = pass(CallKind::other);
    fail(CallKind::other, failure(FailureKind::unauthorized));
    EXPECT_TRUE(gate.report_success(early).opened.empty());
    EXPECT_FALSE(is_open(CallKind::other, 0s));
}

TEST_F(GateStateTest, AnUnreachableProviderClosesAllUntilOneProbeGetsThrough) {
    EXPECT_EQ(fail(CallKind::other, failure(FailureKind::unreachable)).closed.size(), 1U);
    for (const CallKind lane : {CallKind::upload, CallKind::create, CallKind::other})
        EXPECT_FALSE(is_open(lane, 0s));
    const auto probe = pass(CallKind::upload, 1s);
    EXPECT_EQ(probe.probe, GateState::Probe::neutral) << "not with somebody's rows";
    for (const CallKind lane : {CallKind::upload, CallKind::create, CallKind::other})
        EXPECT_FALSE(is_open(lane, 1s));
    EXPECT_EQ(gate.report_success(probe).opened.size(), 1U);
    for (const CallKind lane : {CallKind::upload, CallKind::create, CallKind::other})
        EXPECT_TRUE(is_open(lane, 1s));
}

TEST_F(GateStateTest, AProbeThatFailsMakesAllWaitLongerAndIsNoNews) {
    fail(CallKind::other, failure(FailureKind::unreachable));
    const auto changes = fail(CallKind::create, failure(FailureKind::unreachable), 1s);
    EXPECT_TRUE(changes.closed.empty());
    EXPECT_EQ(gate.admit(CallKind::other, 1s).wait, 2s);
}

TEST_F(GateStateTest, AProbeThatEndsWithoutAnOutcomeLetsAnotherOneGo) {
    fail(CallKind::other, failure(FailureKind::unreachable));
    const auto probe = pass(CallKind::other, 1s);
    gate.abandon(probe);
    EXPECT_EQ(pass(CallKind::other, 1s).probe, GateState::Probe::neutral);
}

TEST_F(GateStateTest, AProbeThatTimesOutMakesTheOthersWait) {
    fail(CallKind::other, failure(FailureKind::unreachable));
    fail(CallKind::other, failure(FailureKind::unavailable), 1s);
    EXPECT_EQ(gate.admit(CallKind::other, 1s).wait, 2s);
}

TEST_F(GateStateTest, AServersFaultShowsThatItIsThere) {
    fail(CallKind::other, failure(FailureKind::unreachable));
    EXPECT_EQ(fail(CallKind::other, failure(FailureKind::unavailable, std::nullopt, 500), 1s).opened.size(),
              1U);
    EXPECT_TRUE(is_open(CallKind::other, 1s));
}

TEST_F(GateStateTest, FaultsOfOneCallAreNoReasonToStopTheOthers) {
    for (const auto kind :
         {FailureKind::unavailable, FailureKind::doubt, FailureKind::refused, FailureKind::not_found,
          FailureKind::conflict, FailureKind::unsupported, FailureKind::token_limit, FailureKind::local})
        EXPECT_TRUE(fail(CallKind::other, failure(kind)).closed.empty());
    EXPECT_TRUE(is_open(CallKind::other, 0s));
}

TEST_F(GateStateTest, ASpentQuotaStopsCreationsOnly) {
    fail(CallKind::create, failure(FailureKind::quota));
    EXPECT_EQ(gate.admit(CallKind::create, 0s).wait, 60s);
    EXPECT_TRUE(is_open(CallKind::other, 0s));
    EXPECT_TRUE(gate.report_success(pass(CallKind::upload)).opened.empty());
    EXPECT_FALSE(is_open(CallKind::create, 0s));
    EXPECT_EQ(gate.report_success(pass(CallKind::create, 60s)).opened.size(), 1U);
}

TEST_F(GateStateTest, ARefusedKeyStopsAllUntilItIsChanged) {
    EXPECT_EQ(fail(CallKind::other, failure(FailureKind::unauthorized)).closed.size(), 1U);
    EXPECT_FALSE(is_open(CallKind::upload, 59s));
    EXPECT_EQ(gate.key_changed().opened.size(), 1U);
    for (const CallKind lane : {CallKind::upload, CallKind::create, CallKind::other})
        EXPECT_TRUE(is_open(lane, 0s));
}

TEST_F(GateStateTest, AKeyThatMayLookButNotWriteKeepsTheWritersWaiting) {
    const auto changes = fail(CallKind::upload, failure(FailureKind::unauthorized), 0s, Reach::lane);
    ASSERT_EQ(changes.closed.size(), 1U);
    EXPECT_EQ(changes.closed[0].reason, "the provider does not let the key do this: why");
    EXPECT_TRUE(is_open(CallKind::other, 0s));
    EXPECT_TRUE(is_open(CallKind::create, 0s));
    EXPECT_TRUE(gate.report_success(pass(CallKind::other, 60s)).opened.empty());
    EXPECT_EQ(gate.closures().size(), 1U);
    const auto probe = pass(CallKind::upload, 60s);
    EXPECT_EQ(probe.probe, GateState::Probe::own) << "a look would prove nothing";
    EXPECT_EQ(gate.report_success(probe).opened.size(), 1U);
}

TEST_F(GateStateTest, ARefusedKeyIsProbedWithANeutralCallThatOpensAll) {
    fail(CallKind::create, failure(FailureKind::unauthorized));
    const auto probe = pass(CallKind::create, 60s);
    EXPECT_EQ(probe.probe, GateState::Probe::neutral);
    EXPECT_EQ(gate.report_success(probe).opened.size(), 1U);
    for (const CallKind lane : {CallKind::upload, CallKind::create, CallKind::other})
        EXPECT_TRUE(is_open(lane, 60s));
}

TEST_F(GateStateTest, AServerWithoutListingsIsLetInAgainByAnyAnswer) {
    fail(CallKind::create, failure(FailureKind::unauthorized));
    EXPECT_EQ(fail(CallKind::create, failure(FailureKind::unsupported), 60s).opened.size(), 1U);
    EXPECT_TRUE(is_open(CallKind::upload, 60s));
}

TEST_F(GateStateTest, ANeutralCallDoesNotSpendAQuotaAndSoProvesNothingOfIt) {
    fail(CallKind::create, failure(FailureKind::quota));
    EXPECT_EQ(pass(CallKind::create, 60s).probe, GateState::Probe::own);
}

TEST_F(GateStateTest, WithoutAKeyAllIsClosedUntilThereIsOne) {
    const auto under_way = pass(CallKind::create);
    const auto changes = gate.key_missing(0s);
    ASSERT_EQ(changes.closed.size(), 1U);
    EXPECT_EQ(changes.closed[0].kind, FailureKind::unauthorized);
    EXPECT_TRUE(changes.closed[0].reason.starts_with("there is no API key: ")) << changes.closed[0].reason;
    EXPECT_TRUE(gate.key_missing(50s).closed.empty()) << "told once";
    for (const CallKind lane : {CallKind::upload, CallKind::create, CallKind::other})
        EXPECT_FALSE(is_open(lane, 100s));
    EXPECT_FALSE(gate.is_current(under_way));
    EXPECT_TRUE(gate.report_success(under_way).opened.empty());
    EXPECT_EQ(gate.key_changed().opened.size(), 1U);
    for (const CallKind lane : {CallKind::upload, CallKind::create, CallKind::other})
        EXPECT_TRUE(is_open(lane, 100s));
}

TEST_F(GateStateTest, ACallUnderWayWithTheOldKeySaysNothingAboutTheNewOne) {
    const auto old = pass(CallKind::other);
    gate.key_changed();
    EXPECT_TRUE(gate.report_failure(old, failure(FailureKind::unauthorized), 0s, 0).closed.empty());
    EXPECT_TRUE(is_open(CallKind::other, 0s));
}

TEST_F(GateStateTest, AnotherKeyDoesNotRepairTheNetwork) {
    fail(CallKind::other, failure(FailureKind::unreachable));
    EXPECT_TRUE(gate.key_changed().opened.empty());
    EXPECT_FALSE(is_open(CallKind::other, 0s));
}

TEST_F(GateStateTest, SaysWhyInPlainWords) {
    fail(CallKind::other, failure(FailureKind::unreachable));
    EXPECT_EQ(gate.closures().at(0).reason, "the provider can't be reached: why");
}

}  // namespace
}  // namespace batchd::provider
