#include "engine/twins/twin_watch.hpp"

#include "engine/engine_fixture.hpp"
#include "engine/submit/submitter.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::BatchStatus;
using provider::FailureKind;
using store::BatchPhase;
using testing::Call;
using testing::failure;
using testing::Took;

/// A submitter whose first create takes effect unseen, and the watch for what turns up late.
struct TwinWatchTest : EngineFixture {
    ~TwinWatchTest() override { crash(); }

    void start() {
        submitter =
            std::make_unique<Submitter>(submitter_ports(), holds, new_surveyor(), LostAttempts::AtStart{});
        twins = &new_twins();
        watch = std::make_unique<TwinWatch>(TwinWatch::Ports{settings, *store, clock, *journal, account_name,
                                                             settings.provider, provider, own_wakes},
                                            *twins);
        tasks->spawn(submitter->run());
        tasks->spawn(watch->run());
        settle();
    }
    /// Until the second create is on record, and the first one is still hidden.
    void repeat_a_create() {
        provider.list_lag = 5min;
        provider.fail(Call::create, 1, failure(FailureKind::doubt), Took::effect);
        start();
        ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1min));
        ASSERT_EQ(row(batch).batch_id, "batch_2");
        ASSERT_EQ(provider.count_batches(), 2U);
    }

    store::Batch batch = add_planned("a", {"x", "y"});
    std::unique_ptr<Submitter> submitter;
    Twins* twins = nullptr;
    std::unique_ptr<TwinWatch> watch;
};

TEST_F(TwinWatchTest, LooksOnceAfterEachCreateForThereAreGatewaysThatRepeatThem) {
    start();
    ASSERT_EQ(phase(batch), BatchPhase::watching);
    provider.add_batch(batch.key, row(batch).input_file_id);
    advance(24h);
    EXPECT_EQ(provider.count(Call::list_batches), 1U);
    EXPECT_EQ(provider.batch("batch_2").status, BatchStatus::cancelling);
    EXPECT_EQ(provider.count_paid(), 1U);
}

TEST_F(TwinWatchTest, ABatchThatTurnsUpLateIsCancelledThoughOnlyOneIsInFlight) {
    repeat_a_create();
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::validating);
    advance(6min);
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::cancelling);
    EXPECT_EQ(provider.batch("batch_2").status, BatchStatus::validating);
    EXPECT_EQ(provider.count_paid(), 1U);
    EXPECT_EQ(count_events(EventKind::twin_cancelled), 1U);
    advance(2h);
    EXPECT_EQ(provider.count(Call::cancel), 1U);
    EXPECT_EQ(count_events(EventKind::twin_cancelled), 1U);
}

TEST_F(TwinWatchTest, LooksOnceAMinuteForHalfAnHourAndThenNoMore) {
    settings.poll.interval = 6h;
    repeat_a_create();
    const auto before = provider.count(Call::list_batches);
    advance(31min);
    const auto after = provider.count(Call::list_batches);
    EXPECT_GE(after - before, 29U);
    EXPECT_LE(after - before, 32U);
    advance(24h);
    EXPECT_EQ(provider.count(Call::list_batches), after);
}

TEST_F(TwinWatchTest, GoesOnAfterACrash) {
    repeat_a_create();
    crash();
    advance(20min);
    watch = std::make_unique<TwinWatch>(TwinWatch::Ports{settings, *store, clock, *journal, account_name,
                                                         settings.provider, provider, own_wakes},
                                        new_twins());
    tasks->spawn(watch->run());
    advance(1min);
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::cancelling);
}

TEST_F(TwinWatchTest, ACancelThatIsBrokenOffIsMadeAgain) {
    provider.latency[Call::cancel] = 1h;
    repeat_a_create();
    advance(6min);
    ASSERT_EQ(provider.count(Call::cancel), 1U);
    ASSERT_EQ(provider.batch("batch_1").status, BatchStatus::validating);
    crash();
    provider.latency.clear();
    // Of the same process: whoever waited for the cancel was broken off, and nothing else.
    watch = std::make_unique<TwinWatch>(TwinWatch::Ports{settings, *store, clock, *journal, account_name,
                                                         settings.provider, provider, own_wakes},
                                        *twins);
    tasks->spawn(watch->run());
    advance(2min);
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::cancelling);
}

TEST_F(TwinWatchTest, GoesOnWhenTheJobHasEnded) {
    repeat_a_create();
    ASSERT_TRUE(store->batches.record_end(batch.id, {.status = "completed"}, clock.now()));
    ASSERT_TRUE(store->batches.record_collection(batch.id, {}, clock.now()));
    advance(6min);
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::cancelling);
}

TEST_F(TwinWatchTest, KnowsATwinByItsInputFileWhereTheListDropsMarks) {
    repeat_a_create();
    provider.batch("batch_1").metadata.clear();
    advance(6min);
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::cancelling);
    EXPECT_EQ(provider.batch("batch_2").status, BatchStatus::validating);
}

TEST_F(TwinWatchTest, LeavesBatchesAloneThatAreNotOurs) {
    repeat_a_create();
    provider.add_batch("", "somebody's");
    provider.add_batch("a key that is not on record", "another");
    advance(30min);
    EXPECT_EQ(provider.count(Call::cancel), 1U) << "the twin only";
}

TEST_F(TwinWatchTest, WhereTheListDoesNotShowOursBesideItTheTwoMayBeOneAndNothingIsCancelled) {
    repeat_a_create();
    provider.batch("batch_2").created_at += 24h;  // not listed yet
    advance(10min);
    EXPECT_EQ(provider.count(Call::cancel), 0U);
    EXPECT_NE(detail_of_last(EventKind::waiting).find("they may be one"), std::string::npos);
    provider.batch("batch_2").created_at -= 24h;
    advance(2min);
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::cancelling);
}

TEST_F(TwinWatchTest, SaysOnceThatATwinHasRunToItsEndUnseen) {
    repeat_a_create();
    provider.answer_all("batch_1");
    advance(30min);
    EXPECT_EQ(provider.count(Call::cancel), 0U);
    EXPECT_EQ(count_events(EventKind::twin_cancelled), 1U);
    EXPECT_NE(detail_of_last(EventKind::twin_cancelled).find("charged twice"), std::string::npos);
}

TEST_F(TwinWatchTest, ATwinThatCouldNotBeCancelledIsCancelledLater) {
    repeat_a_create();
    provider.fail(Call::cancel, 1, failure(FailureKind::unavailable));
    provider.fail(Call::cancel, 2, failure(FailureKind::unavailable));
    const auto before = count_events(EventKind::waiting);
    advance(10min);
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::cancelling);
    EXPECT_EQ(count_events(EventKind::waiting), before + 1) << "the same trouble is said once";
}

TEST_F(TwinWatchTest, ListingsThatFailAreMadeAgain) {
    repeat_a_create();
    provider.fail_always(Call::list_batches, failure(FailureKind::unavailable));
    advance(10min);
    provider.clear_failures();
    advance(2min);
    EXPECT_EQ(provider.batch("batch_1").status, BatchStatus::cancelling);
}

}  // namespace
}  // namespace batchd::engine
