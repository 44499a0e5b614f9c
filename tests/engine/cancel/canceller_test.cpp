#include "engine/cancel/canceller.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using testing::Call;
using testing::failure;

struct CancellerTest : EngineFixture {
    ~CancellerTest() override { crash(); }

    void start() {
        canceller = std::make_unique<Canceller>(Canceller::Ports{settings.retry, *store, clock, *journal,
                                                                 wakes, account_name, settings.provider,
                                                                 provider, own_wakes});
        tasks->spawn(canceller->run());
        settle();
    }
    store::Batch in_flight(const std::string& name) {
        const auto batch = add_planned(name, {"x"});
        put_in_flight(batch);
        return batch;
    }
    void ask_for_cancel(const store::Batch& batch) {
        store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
        own_wakes.canceller.raise();
        settle();
    }
    std::size_t cancels() { return provider.count(Call::cancel); }

    std::unique_ptr<Canceller> canceller;
};

TEST_F(CancellerTest, TellsTheProviderOnceAndOnlyOfTheJobThatWasCancelled) {
    const auto mine = in_flight("mine");
    const auto other = in_flight("other");
    start();
    EXPECT_EQ(cancels(), 0U);
    ask_for_cancel(mine);
    advance(1h);
    EXPECT_EQ(cancels(), 1U);
    EXPECT_EQ(provider.calls.back().subject, row(mine).batch_id);
    EXPECT_EQ(row(mine).cancel_sent_at, clock.now() - 1h);
    EXPECT_FALSE(row(other).cancel_sent_at);
    EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(CancellerTest, SaysItAgainUntilTheProviderHasHeardIt) {
    const auto batch = in_flight("a");
    provider.fail(Call::cancel, 1, failure(FailureKind::doubt), testing::Took::effect);
    provider.fail(Call::cancel, 2, failure(FailureKind::unavailable));
    provider.fail(Call::cancel, 3, failure(FailureKind::not_found));  // it may be too new to be seen
    start();
    ask_for_cancel(batch);
    EXPECT_TRUE(eventually([&] { return row(batch).cancel_sent_at.has_value(); }));
    EXPECT_EQ(cancels(), 4U);
}

TEST_F(CancellerTest, TakesItForHeardWhenItComesTooLate) {
    const auto batch = in_flight("a");
    provider.fail(Call::cancel, 1, testing::in_own_words(FailureKind::conflict));
    start();
    ask_for_cancel(batch);
    EXPECT_TRUE(row(batch).cancel_sent_at);
    EXPECT_NE(detail_of_last(EventKind::batch_cancelling).find("too late"), std::string::npos);
    EXPECT_EQ(phase(batch), store::BatchPhase::watching) << "how it ends, the poller sees";
}

TEST_F(CancellerTest, APageOnTheWayIsNotTheProvidersWord) {
    const auto batch = in_flight("a");
    provider.fail(Call::cancel, 1, failure(FailureKind::conflict));
    provider.fail(Call::cancel, 2, failure(FailureKind::refused));
    start();
    ask_for_cancel(batch);
    EXPECT_FALSE(row(batch).cancel_sent_at);
    EXPECT_TRUE(eventually([&] { return row(batch).cancel_sent_at.has_value(); }));
    EXPECT_EQ(cancels(), 3U);
}

TEST_F(CancellerTest, TellsNobodyAtAnotherAddress) {
    const auto batch = in_flight("a");
    store->batches.record_account(batch.id, {"https://old.example/v1", "0123456789ab"}).value();
    start();
    ask_for_cancel(batch);
    advance(1h);
    EXPECT_EQ(cancels(), 0U);
    provider.its_identity.base_url = "https://old.example/v1";
    EXPECT_TRUE(eventually([&] { return row(batch).cancel_sent_at.has_value(); }));
}

TEST_F(CancellerTest, DoesNotTellTheProviderWhatItIsSeenToDoAlready) {
    const auto batch = in_flight("a");
    store->batches.record_sighting(batch.id, {.status = "cancelling"}, clock.now()).value();
    start();
    ask_for_cancel(batch);
    EXPECT_EQ(cancels(), 0U);
    EXPECT_TRUE(row(batch).cancel_sent_at);
}

TEST_F(CancellerTest, AfterACrashItGoesOnWithWhatIsOnRecord) {
    const auto batch = in_flight("a");
    store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
    start();
    EXPECT_EQ(cancels(), 1U);
    crash();
    start();
    EXPECT_EQ(cancels(), 1U);
}

}  // namespace
}  // namespace batchd::engine
