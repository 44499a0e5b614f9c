#include "provider/gate_fixture.hpp"

namespace batchd::provider {
namespace {

TEST_F(GateTest, PassesCallsAndAnswersThrough) {
    start(3);
    EXPECT_EQ(answered, 3);
    EXPECT_TRUE(changes.empty());
}

TEST_F(GateTest, WhatTheProvidersOwnWorkHasComeUponIsToldAndHoldsUpNoCall) {
    group.spawn(gate.run([] {}));
    clock.advance(0s);
    fake.work = Closure{FailureKind::quota, "the account's quota is spent", 5min};
    fake.work_changed();
    fake.work_changed();
    ASSERT_EQ(changes.size(), 1U) << "told once";
    EXPECT_EQ(changes.front().to, GateChange::To::closed);
    EXPECT_EQ(gate.closed().at(0).reason, "the account's quota is spent");
    start(1);
    EXPECT_EQ(answered, 1);
    gate.key_changed();  // which ends it
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes.back().to, GateChange::To::open);
    EXPECT_TRUE(gate.closed().empty());
}

TEST_F(GateTest, ATurnThatIsGivenBackUnusedLetsAnotherProbe) {
    fake.failures = {FailureKind::unauthorized};
    group.spawn(call());
    clock.advance(0s);  // closed
    bool had_turn = false;
    auto create = [&]() -> asio::awaitable<void> {
        const Turn turn = co_await gate.enter(CallKind::create);
        had_turn = true;  // it is no longer wanted, and never made
    };
    group.spawn(create());
    clock.advance(0s);
    EXPECT_FALSE(had_turn) << "the gate is closed";
    gate.key_changed();
    clock.advance(1h);
    EXPECT_TRUE(had_turn);
    EXPECT_EQ(fake.calls_at.size(), 1U);
    group.spawn(call());
    clock.advance(0s);
    EXPECT_EQ(answered, 1) << "others may call";
}

TEST_F(GateTest, ATurnThatComesWhenTheGateHasClosedIsWaitedForAgain) {
    fake.turn_takes = 10s;
    start_creation();
    fake.failures = {FailureKind::unauthorized};
    start(1);
    clock.advance(10s);
    EXPECT_TRUE(created.empty()) << "the gate closed during the wait for a connection";
    gate.key_changed();
    clock.advance(10s);
    EXPECT_EQ(created, std::vector<std::string>{"created"});
}

TEST_F(GateTest, EveryCallReturnsItsOwnFailure) {
    fake.failures = {FailureKind::rate_limited};
    start(1);
    EXPECT_EQ(failed, 1);
    EXPECT_EQ(fake.calls_at.size(), 1U);
}

TEST_F(GateTest, CallsWaitUntilTheTimeHasCome) {
    fake.failures = {FailureKind::rate_limited};
    start(1);
    start(2);
    EXPECT_EQ(fake.calls_at.size(), 1U);
    clock.advance(1s);
    EXPECT_EQ(answered, 2);
    EXPECT_EQ(fake.calls_at.back(), TimePoint(1s));
}

TEST_F(GateTest, OneProbeGoesFirstAndTheOthersFollowItsSuccess) {
    fake.failures = {FailureKind::unreachable};
    start(1);
    fake.takes = 1s;
    start(3);
    clock.advance(1s);
    EXPECT_EQ(fake.knocks, 1U);
    EXPECT_EQ(fake.calls_at.size(), 1U) << "the probe is about nobody's rows";
    clock.advance(1s);
    EXPECT_EQ(fake.knocks, 1U);
    EXPECT_EQ(fake.calls_at.size(), 4U);
    clock.advance(1s);
    EXPECT_EQ(answered, 3);
}

TEST_F(GateTest, ACancelledProbeLetsTheNextOneGo) {
    fake.failures = {FailureKind::unreachable};
    start(1);
    fake.takes = 1h;
    TaskGroup probe(context.get_executor());
    probe.spawn(call());
    clock.advance(1s);
    start(1);
    EXPECT_EQ(fake.knocks, 1U);
    probe.cancel();
    clock.advance(0s);
    EXPECT_EQ(fake.knocks, 2U);
    group.cancel();
    clock.advance(0s);
}

TEST_F(GateTest, ACallThatIsCancelledWhileItWaitsUnwinds) {
    fake.failures = {FailureKind::unauthorized};
    start(1);
    start(1);
    group.cancel();
    clock.advance(0s);
    EXPECT_EQ(group.size(), 0U);
    EXPECT_EQ(fake.calls_at.size(), 1U);
}

TEST_F(GateTest, TheObserverHearsOfAChangeOnce) {
    fake.failures = {FailureKind::unreachable};
    fake.knock_failures = {FailureKind::unreachable};
    start(1);
    start(1);
    start(1);
    clock.advance(10s);
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].to, GateChange::To::closed);
    EXPECT_EQ(changes[0].kind, FailureKind::unreachable);
    EXPECT_EQ(changes[0].until, TimePoint(1s));
    EXPECT_EQ(changes[1].to, GateChange::To::open);
    EXPECT_EQ(answered, 2);
    EXPECT_TRUE(gate.closed().empty());
}

TEST_F(GateTest, AnotherKeyLetsTheCallsGoAtOnce) {
    fake.failures = {FailureKind::unauthorized};
    start(1);
    start(2);
    EXPECT_EQ(gate.closed().size(), 1U);
    gate.key_changed();
    clock.advance(0s);
    EXPECT_EQ(answered, 2);
    EXPECT_EQ(fake.calls_at.back(), TimePoint(0s));
}

TEST_F(GateTest, ASpentQuotaHoldsUpCreationsButNotPolling) {
    fake.failures = {FailureKind::quota};
    start_creation();
    EXPECT_EQ(created, std::vector<std::string>{"quota"});
    start(1);
    EXPECT_EQ(answered, 1);
    EXPECT_EQ(gate.closed().size(), 1U);
}

}  // namespace
}  // namespace batchd::provider
