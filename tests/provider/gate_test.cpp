#include "provider/gate.hpp"

#include <deque>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "base/task_group.hpp"
#include "support/manual_clock.hpp"

namespace batchd::provider {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Answers retrieve() and create() with what it is told, in order, then with success; notes when it was
/// called.
class FakeProvider final : public Provider {
public:
    explicit FakeProvider(Clock& clock) : clock_(clock) {}

    std::deque<FailureKind> failures;
    Millis takes{};
    std::vector<TimePoint> calls_at;

    Account account() const override { return {}; }
    asio::awaitable<Turn> enter(CallKind) override { co_return Turn(); }
    asio::awaitable<Answer<FileObject>> upload(Turn, Path, std::string) override { co_return FileObject{}; }
    asio::awaitable<Answer<FileObject>> retrieve_file(std::string) override { co_return FileObject{}; }
    asio::awaitable<Answer<Page<FileObject>>> list_files(std::string) override {
        co_return Page<FileObject>{};
    }
    asio::awaitable<Answer<std::uint64_t>> download(std::string, Path) override {
        co_return std::uint64_t{0};
    }
    asio::awaitable<Answer<bool>> delete_file(std::string) override { co_return true; }
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
        Failure failure;
        failure.kind = failures.front();
        failures.pop_front();
        co_return failure;
    }

    Clock& clock_;
};

struct GateTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context};
    FakeProvider fake{clock};
    std::vector<GateChange> changes;
    config::Retry backoff;
    GatedProvider gate{fake,
                       context.get_executor(),
                       clock,
                       backoff,
                       [this](const GateChange& c) { changes.push_back(c); },
                       [] { return 0.0; }};
    TaskGroup group{context.get_executor()};
    int answered = 0;
    int failed = 0;

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
    EXPECT_EQ(fake.calls_at.size(), 2U);
    clock.advance(1s);
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
    EXPECT_EQ(fake.calls_at.size(), 2U);
    probe.cancel();
    clock.advance(0s);
    EXPECT_EQ(fake.calls_at.size(), 3U);
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
    fake.failures = {FailureKind::unreachable, FailureKind::unreachable};
    start(1);
    start(1);
    start(1);
    clock.advance(10s);
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].to, GateChange::To::closed);
    EXPECT_EQ(changes[0].kind, FailureKind::unreachable);
    EXPECT_EQ(changes[0].until, TimePoint(1s));
    EXPECT_EQ(changes[1].to, GateChange::To::open);
    EXPECT_EQ(answered, 1);
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
    const auto create = [](GatedProvider& through) -> asio::awaitable<void> {
        auto turn = co_await through.enter(CallKind::create);
        NewBatch batch;
        const auto created = co_await through.create(std::move(turn), std::move(batch));
        EXPECT_EQ(created.error().kind, FailureKind::quota);
    };
    group.spawn(create(gate));
    clock.advance(0s);
    start(1);
    EXPECT_EQ(answered, 1);
    EXPECT_EQ(gate.closed().size(), 1U);
}

}  // namespace
}  // namespace batchd::provider
