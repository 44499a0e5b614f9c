#include "provider/gate.hpp"

#include <deque>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "base/async/task_group.hpp"
#include "support/manual_clock.hpp"

namespace batchd::provider {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Answers retrieve(), create() and cancel() with what it is told, in order, then with success, and knock()
/// likewise; notes when it was called.
class FakeProvider final : public Provider {
public:
    explicit FakeProvider(Clock& clock) : clock_(clock) {}

    std::deque<FailureKind> failures;
    std::deque<FailureKind> knock_failures;
    unsigned http_status = 0;  // of the failures
    std::size_t knocks = 0;
    Millis takes{};
    Millis turn_takes{};
    std::vector<TimePoint> calls_at;
    std::optional<Closure> work;  // what its own work has come upon
    std::function<void()> work_changed;

    asio::awaitable<void> run(std::function<void()> changed) override {
        work_changed = std::move(changed);
        co_return;
    }
    std::optional<Closure> closure() const override { return work; }
    void key_changed() override { work.reset(); }
    Identity identity() const override { return {}; }
    asio::awaitable<Answer<void>> knock() override {
        ++knocks;
        if (takes > 0s) co_await clock_.sleep_for(takes);
        if (knock_failures.empty()) co_return Answer<void>();
        co_return take(knock_failures);
    }
    asio::awaitable<Turn> enter(CallKind) override {
        if (turn_takes > 0s) co_await clock_.sleep_for(turn_takes);
        co_return Turn();
    }
    asio::awaitable<Answer<FileObject>> upload(Turn, Path, std::string) override { co_return FileObject{}; }
    asio::awaitable<Answer<FileObject>> retrieve_file(std::string) override { co_return FileObject{}; }
    asio::awaitable<Answer<Page<FileObject>>> list_files(std::string) override {
        co_return Page<FileObject>{};
    }
    asio::awaitable<Answer<std::uint64_t>> download(std::string, Path) override {
        co_return std::uint64_t{0};
    }
    asio::awaitable<Answer<bool>> delete_file(std::string) override {
        if (failures.empty()) co_return true;
        co_return take(failures);
    }
    asio::awaitable<Answer<BatchObject>> create(Turn, NewBatch) override { return next(); }
    asio::awaitable<Answer<BatchObject>> retrieve(std::string) override { return next(); }
    asio::awaitable<Answer<Page<BatchObject>>> list_batches(std::string) override {
        co_return Page<BatchObject>{};
    }
    asio::awaitable<Answer<BatchObject>> cancel(std::string) override { return next(); }

private:
    asio::awaitable<Answer<BatchObject>> next() {
        calls_at.push_back(clock_.now());
        if (takes > 0s) co_await clock_.sleep_for(takes);
        if (failures.empty()) co_return BatchObject{};
        co_return take(failures);
    }
    Failure take(std::deque<FailureKind>& from) const {
        Failure failure;
        failure.kind = from.front();
        failure.http_status = http_status;
        from.pop_front();
        return failure;
    }

    Clock& clock_;
};

struct GateTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context};
    FakeProvider fake{clock};
    std::vector<GateChange> changes;
    config::Retry backoff;
    ApiKey key{"sk-test-key"};
    GatedProvider gate{fake,
                       key,
                       context.get_executor(),
                       clock,
                       backoff,
                       [this](const GateChange& c) { changes.push_back(c); },
                       [] { return 0.0; }};
    TaskGroup group{context.get_executor()};
    int answered = 0;
    int failed = 0;

    std::vector<std::string> created;

    asio::awaitable<void> create() {
        auto turn = co_await gate.enter(CallKind::create);
        NewBatch batch;
        const auto answer = co_await gate.create(std::move(turn), std::move(batch));
        created.emplace_back(answer ? "created" : to_string(answer.error().kind));
    }
    void start_creation() {
        group.spawn(create());
        clock.advance(0s);
    }
    asio::awaitable<void> call() {
        const auto answer = co_await gate.retrieve("b");
        ++(answer ? answered : failed);
    }
    void start(int calls) {
        for (int i = 0; i < calls; ++i) group.spawn(call());
        clock.advance(0s);
    }
};

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
