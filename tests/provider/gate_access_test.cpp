#include "provider/gate_fixture.hpp"

/// What the gate makes of refusals of access.
namespace batchd::provider {
namespace {

TEST_F(GateTest, ACallThatIsForbiddenThoughTheKeyIsGoodIsRefusedAndHoldsUpNobody) {
    fake.failures = {FailureKind::unauthorized};
    fake.http_status = 403;
    start_creation();
    EXPECT_EQ(fake.knocks, 1U);
    EXPECT_EQ(created, std::vector<std::string>{"refused"});
    EXPECT_TRUE(changes.empty());
    start_creation();
    EXPECT_EQ(created.back(), "created");
}

TEST_F(GateTest, AKeyThatIsRefusedForEverythingIsProbedWithoutAnybodysRows) {
    fake.failures = {FailureKind::unauthorized};
    fake.knock_failures = {FailureKind::unauthorized, FailureKind::unauthorized};
    fake.http_status = 403;
    start_creation();
    EXPECT_EQ(created, std::vector<std::string>{"unauthorized"});
    ASSERT_EQ(gate.closed().size(), 1U);
    start_creation();
    clock.advance(backoff.max_backoff);
    EXPECT_EQ(fake.knocks, 2U);
    EXPECT_EQ(fake.calls_at.size(), 1U) << "the creation waits";
    clock.advance(backoff.max_backoff);
    EXPECT_EQ(fake.knocks, 3U);
    EXPECT_EQ(created.back(), "created");
    EXPECT_TRUE(gate.closed().empty());
}

TEST_F(GateTest, AKeyThatMayOnlyLookClosesCreationsAlone) {
    fake.failures = {FailureKind::unauthorized};
    fake.http_status = 401;
    start_creation();
    EXPECT_EQ(created, std::vector<std::string>{"unauthorized"});
    EXPECT_EQ(gate.closed().size(), 1U);
    start(2);
    EXPECT_EQ(answered, 2);
}

TEST_F(GateTest, AKeyThatMayNotDeleteOrCancelHoldsUpNoPoll) {
    fake.failures = {FailureKind::unauthorized, FailureKind::unauthorized};
    fake.http_status = 401;
    std::vector<FailureKind> heard;
    group.spawn([](GatedProvider& to, std::vector<FailureKind>& kinds) -> asio::awaitable<void> {
        const auto deleted = co_await to.delete_file("f");
        kinds.push_back(deleted.error().kind);
        const auto cancelled = co_await to.cancel("b");
        kinds.push_back(cancelled.error().kind);
    }(gate, heard));
    clock.advance(0s);
    EXPECT_EQ(heard, (std::vector{FailureKind::refused, FailureKind::unauthorized}));
    EXPECT_EQ(fake.knocks, 2U);
    EXPECT_TRUE(changes.empty());
    start(2);
    EXPECT_EQ(answered, 2);
}

TEST_F(GateTest, ARefusalThatNobodyCanPlaceIsTriedAgainAndClosesNothing) {
    fake.failures = {FailureKind::unauthorized};
    fake.knock_failures = {FailureKind::unavailable};
    fake.http_status = 403;
    start_creation();
    EXPECT_EQ(created, std::vector<std::string>{"unavailable"});
    EXPECT_TRUE(gate.closed().empty());
}

TEST_F(GateTest, WithoutAKeyNothingIsSent) {
    key.replace("");
    start(2);
    start_creation();
    clock.advance(24h);
    EXPECT_EQ(fake.calls_at.size() + fake.knocks, 0U);
    ASSERT_EQ(gate.closed().size(), 1U);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_TRUE(changes[0].reason.starts_with("there is no API key: ")) << changes[0].reason;
    key.replace("sk-other");
    gate.key_changed();
    clock.advance(0s);
    EXPECT_EQ(answered, 2);
    EXPECT_EQ(created, std::vector<std::string>{"created"});
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[1].to, GateChange::To::open);
}

TEST_F(GateTest, AServerWithoutKeysIsCalledWithoutOne) {
    const ApiKey none("", ApiKey::Need::none);
    GatedProvider open(fake, none, context.get_executor(), clock, backoff, [](const GateChange&) {});
    const auto call = [](GatedProvider& through) -> asio::awaitable<void> { co_await through.retrieve("b"); };
    group.spawn(call(open));
    clock.advance(0s);
    EXPECT_EQ(fake.calls_at.size(), 1U);
    EXPECT_TRUE(open.closed().empty());
}

}  // namespace
}  // namespace batchd::provider
