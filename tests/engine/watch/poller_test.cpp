#include "engine/watch/poller.hpp"

#include <set>

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using testing::Call;
using testing::failure;

struct PollerTest : EngineFixture {
    ~PollerTest() override { crash(); }

    void start() {
        poller = std::make_unique<Poller>(
            Poller::Ports{settings, *store, clock, *journal, wakes, account_name, provider, own_wakes}, holds,
            new_twins());
        tasks->spawn(poller->run());
        settle();
    }
    /// `count` batches of one job in flight.
    std::vector<store::Batch> in_flight(std::uint64_t count) {
        std::vector<store::Batch> batches{add_planned("a", {"1"})};
        for (std::uint64_t shard = 2; shard <= count; ++shard)
            batches.push_back(add_shard(batches[0].job_id, shard, {std::to_string(shard)}));
        for (const auto& batch : batches) put_in_flight(batch);
        return batches;
    }
    /// Whether the call that begins now asks for this batch; only in on_call.
    bool next_is(const std::string& batch_id) { return provider.asked_for == batch_id; }
    std::size_t looks() { return provider.count(Call::retrieve) + provider.count(Call::list_batches); }

    std::unique_ptr<Poller> poller;
};

TEST_F(PollerTest, AsksNothingWhileNothingIsInFlight) {
    start();
    advance(24h);
    EXPECT_EQ(looks(), 0U);
    EXPECT_FALSE(poller->next_round());
    EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(PollerTest, PollsAtOnceAfterAStartAndThenAtTheInterval) {
    in_flight(1);
    start();
    EXPECT_EQ(looks(), 1U);
    advance(60s);
    EXPECT_EQ(looks(), 2U);
    advance(10min);
    EXPECT_GE(looks(), 12U);
    EXPECT_LE(looks(), 13U);
}

TEST_F(PollerTest, GivesANewBatchTimeUntilTheInterval) {
    start();
    in_flight(1);
    own_wakes.poller.raise();
    settle();
    EXPECT_EQ(looks(), 0U);
    ASSERT_TRUE(poller->next_round());
    advance(60s);
    EXPECT_EQ(looks(), 1U);
}

TEST_F(PollerTest, ManyNewBatchesDoNotMakeItPollMoreOften) {
    in_flight(1);
    start();
    for (int i = 0; i < 50; ++i) {
        own_wakes.poller.raise();
        settle();
    }
    EXPECT_EQ(looks(), 1U);
}

TEST_F(PollerTest, ANewIntervalHoldsForTheWaitThatHasBegun) {
    settings.poll.interval = 1h;
    in_flight(1);
    start();
    advance(10min);
    EXPECT_EQ(looks(), 1U);
    settings.poll.interval = 60s;
    own_wakes.poller.raise();
    settle();
    EXPECT_EQ(looks(), 2U);
    advance(60s);
    EXPECT_EQ(looks(), 3U);
}

TEST_F(PollerTest, TakesTheProvidersWordsAsTheyAre) {
    const auto batch = in_flight(1).front();
    start();
    for (const auto* word : {"in_progress", "finalizing", "in_progress", "dancing", "cancelling"}) {
        provider.set_status("batch_1", word);
        provider.batch("batch_1").completed += 1;
        advance(60s);
        EXPECT_EQ(row(batch).status, word);
        EXPECT_EQ(phase(batch), BatchPhase::watching);
    }
    EXPECT_EQ(row(batch).completed, 5U);
}

TEST_F(PollerTest, AWordThatNobodyKnowsIsSaidForAsLongAsItLasts) {
    in_flight(1);
    provider.set_status("batch_1", "dancing");
    start();
    ASSERT_EQ(store->conditions.all().value().size(), 1U);
    EXPECT_NE(store->conditions.all().value().front().text.find("\"dancing\""), std::string::npos);
    advance(60s);
    EXPECT_EQ(store->conditions.all().value().size(), 1U);
    provider.set_status("batch_1", "in_progress");
    advance(60s);
    EXPECT_TRUE(store->conditions.all().value().empty());
}

struct PollerEndTest : PollerTest, ::testing::WithParamInterface<std::string> {};

TEST_P(PollerEndTest, AFinalStatusEndsTheBatchAndWakesWhomItConcerns) {
    const auto batch = in_flight(1).front();
    holds.hold("m", clock.uptime(), 0.0);
    provider.finish("batch_1",
                    {.status = GetParam(), .output = {testing::result_row("1")}, .errors = {"{}"}});
    const auto collector = own_wakes.collector.times_raised();
    const auto submitter = own_wakes.submitter.times_raised();
    start();
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).status, GetParam());
    EXPECT_EQ(row(batch).output_file_id, "file-2");
    EXPECT_EQ(row(batch).error_file_id, "file-3");
    EXPECT_EQ(row(batch).ended_at, clock.now());
    EXPECT_GT(own_wakes.collector.times_raised(), collector);
    EXPECT_GT(own_wakes.submitter.times_raised(), submitter) << "there may be room for more tokens";
    EXPECT_FALSE(holds.held_for("m", clock.uptime()));
    advance(1h);
    EXPECT_EQ(looks(), 1U) << "nothing changes any more";
}

INSTANTIATE_TEST_SUITE_P(In, PollerEndTest, ::testing::Values("completed", "failed", "expired", "cancelled"),
                         [](const auto& param) { return param.param; });

TEST_F(PollerTest, KeepsThePollingUpLongAfterTheBatchShouldHaveExpired) {
    settings.poll.interval = 1h;
    const auto batch = in_flight(1).front();
    start();
    advance(72h);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    provider.finish("batch_1", {.status = "expired"});
    advance(1h);
    EXPECT_EQ(phase(batch), BatchPhase::ended);
}

TEST_F(PollerTest, SaysOnceThatABatchIsLongPastItsExpiryAndKeepsWatching) {
    settings.poll.interval = 1h;
    const auto batch = in_flight(1).front();
    provider.batch("batch_1").expires_at = clock.now() + 24h;
    start();
    advance(30h);
    EXPECT_EQ(count_events(EventKind::batch_overdue), 0U);
    advance(40h);
    EXPECT_EQ(count_events(EventKind::batch_overdue), 1U);
    EXPECT_NE(detail_of_last(EventKind::batch_overdue).find("2026-11-23T00:00:00Z"), std::string::npos);
    EXPECT_TRUE(row(batch).overdue_at);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    crash();
    start();
    advance(10h);
    EXPECT_EQ(count_events(EventKind::batch_overdue), 1U) << "not again after a start";
    provider.finish("batch_1", {.status = "expired"});
    advance(1h);
    EXPECT_EQ(phase(batch), BatchPhase::ended);
}

TEST_F(PollerTest, SaysThatABatchStandsInFinalizing) {
    settings.poll.interval = 1h;
    const auto batch = in_flight(1).front();
    start();
    advance(10h);
    provider.set_status("batch_1", "finalizing");
    advance(6h);
    EXPECT_EQ(count_events(EventKind::batch_overdue), 0U);
    advance(2h);
    EXPECT_EQ(count_events(EventKind::batch_overdue), 1U);
    EXPECT_EQ(store->batches.count_overdue().value(), 1U);
}

TEST_F(PollerTest, RecordsTheFirstErrorOfAValidation) {
    const auto batch = in_flight(1).front();
    provider.finish("batch_1",
                    {.status = "failed", .refusals = {{.code = "invalid_url", .message = "No.", .line = 3}}});
    start();
    EXPECT_EQ(row(batch).error, "line 3: invalid_url: No.");
}

TEST_F(PollerTest, ListsWhenMoreThanAFewAreInFlight) {
    const auto batches = in_flight(250);
    for (std::size_t nth = 1; nth <= 250; nth += 2) provider.answer_all(provider.batch_id(nth));
    start();
    EXPECT_EQ(provider.count(Call::list_batches), 3U);
    EXPECT_EQ(provider.count(Call::retrieve), 125U) << "those that seem to have ended, by their ids";
    EXPECT_EQ(store->batches.count_watched().value(), 125U);
    EXPECT_EQ(phase(batches[0]), BatchPhase::ended);
    EXPECT_EQ(phase(batches[1]), BatchPhase::watching);
}

TEST_F(PollerTest, AsksForABatchThatTheListDoesNotShow) {
    const auto batches = in_flight(5);
    advance(1h);
    provider.list_lag = 30min;
    provider.batch("batch_3").created_at = clock.now();
    provider.finish("batch_3", {});
    start();
    EXPECT_EQ(provider.count(Call::list_batches), 1U);
    EXPECT_EQ(provider.count(Call::retrieve), 2U) << "and one whose turn it is";
    EXPECT_EQ(phase(batches[2]), BatchPhase::ended);
}

TEST_F(PollerTest, EachBatchIsAskedForInTurnForSomeServersMoveThemOnlyThen) {
    in_flight(5);
    settings.poll.interval = 1min;
    start();
    advance(6min);
    for (std::size_t nth = 1; nth <= 5; ++nth)
        EXPECT_GE(std::count(provider.calls.begin(), provider.calls.end(),
                             testing::MadeCall{Call::retrieve, provider.batch_id(nth)}),
                  1)
            << nth;
}

TEST_F(PollerTest, GivesListingUpAmongThousandsOfForeignBatches) {
    in_flight(4);
    for (int i = 0; i < 3000; ++i) provider.add_batch("", "somebody's");
    start();
    EXPECT_EQ(provider.count(Call::list_batches), 4U);
    EXPECT_EQ(provider.count(Call::retrieve), 4U);
    advance(10min);
    EXPECT_EQ(provider.count(Call::list_batches), 4U) << "it learnt that it does not pay";
}

TEST_F(PollerTest, DoesNotLookBehindTheOldestBatchInFlight) {
    for (int i = 0; i < 500; ++i) provider.add_batch("", "somebody's");
    advance(1h);
    in_flight(5);
    start();
    EXPECT_EQ(provider.count(Call::list_batches), 1U);
}

TEST_F(PollerTest, AnEndIsNotBelievedFromAListing) {
    const auto batches = in_flight(5);
    provider.answer_all("batch_2");
    for (unsigned nth = 1; nth <= 2; ++nth)  // its own, and that of the one whose turn it is
        provider.fail(Call::retrieve, nth, failure(FailureKind::unavailable));
    start();
    EXPECT_EQ(provider.count(Call::retrieve), 2U);
    EXPECT_EQ(phase(batches[1]), BatchPhase::watching);
    EXPECT_EQ(row(batches[1]).output_file_id, "");
    ASSERT_TRUE(eventually([&] { return phase(batches[1]) == BatchPhase::ended; }, 5min));
    EXPECT_NE(row(batches[1]).output_file_id, "");
}

TEST_F(PollerTest, AListingThatFailsKeepsNobodyFromBeingAskedFor) {
    in_flight(150);
    for (std::size_t nth = 1; nth <= 150; ++nth) provider.answer_all(provider.batch_id(nth));
    provider.fail_always(Call::list_batches, failure(FailureKind::unavailable));
    provider.fail(Call::retrieve, 3, failure(FailureKind::unavailable));
    start();
    EXPECT_EQ(store->batches.count_watched().value(), 1U) << "the one that could not be asked for";
    EXPECT_TRUE(eventually([&] { return store->batches.count_watched().value() == 0; }, 5min));
}

TEST_F(PollerTest, OneThatCannotBeAskedForStarvesNoOther) {
    const auto batches = in_flight(2);
    provider.on_call = [&](Call call) {
        provider.clear_failures();
        const bool bad = call == Call::retrieve && next_is("batch_1");
        if (bad) provider.fail(Call::retrieve, 1, failure(FailureKind::unavailable));
    };
    start();
    advance(1min);
    EXPECT_EQ(phase(batches[0]), BatchPhase::watching);
    provider.answer_all("batch_2");
    advance(1min);
    EXPECT_EQ(phase(batches[1]), BatchPhase::ended);
    EXPECT_EQ(count_events(EventKind::waiting), 1U) << "said once";
    ASSERT_EQ(store->conditions.all().value().size(), 1U);
    const auto condition = store->conditions.all().value().front();
    EXPECT_EQ(condition.about, "batch " + std::to_string(batches[0].id.value));
    EXPECT_NE(condition.text.find("batch_1"), std::string::npos);
    provider.on_call = nullptr;
    EXPECT_TRUE(eventually([&] { return store->conditions.all().value().empty(); }, 1h));
}

TEST_F(PollerTest, SeveralInARowEndTheRoundAndTheNextOneBeginsWithTheOthers) {
    const auto batches = in_flight(6);
    provider.fail_always(Call::list_batches, failure(FailureKind::unavailable));
    provider.fail_always(Call::retrieve, failure(FailureKind::unavailable));
    start();
    EXPECT_EQ(provider.count(Call::retrieve), kFailuresInARow);
    advance(1min);
    EXPECT_EQ(provider.count(Call::retrieve), 2U * kFailuresInARow);
    std::set<std::string> asked;
    for (const auto& call : provider.calls)
        if (call.call == Call::retrieve) asked.insert(call.subject);
    EXPECT_EQ(asked.size(), 6U);
}

TEST_F(PollerTest, AProviderThatIsAwayIsAskedAtTheIntervalOnlyAndThatIsSaidOnce) {
    const auto batch = in_flight(2).front();
    provider.fail_always(Call::retrieve, failure(FailureKind::unreachable));
    start();
    advance(1h);
    EXPECT_LE(looks(), 65U);
    EXPECT_EQ(count_events(EventKind::waiting), 1U);
    provider.clear_failures();
    provider.finish("batch_1", {});
    advance(60s);
    EXPECT_EQ(phase(batch), BatchPhase::ended);
}

TEST_F(PollerTest, ANewBatchThatIsNotFoundIsOnlyNew) {
    const auto batch = in_flight(1).front();
    provider.fail_always(Call::retrieve, failure(FailureKind::not_found));
    start();
    advance(9min);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
}

TEST_F(PollerTest, ABatchThatIsNotFoundForLongIsGone) {
    const auto batches = in_flight(2);
    const auto batch = batches.front();
    start();
    advance(1h);
    provider.forget_batch("batch_1");
    advance(5h);
    EXPECT_EQ(phase(batch), BatchPhase::watching) << "five hours prove nothing";
    EXPECT_TRUE(row(batch).missing_since);
    EXPECT_EQ(count_events(EventKind::batch_held), 1U) << "and are said once";
    EXPECT_EQ(count_events(EventKind::waiting), 1U) << "though another one answers all the time";
    const auto collector = own_wakes.collector.times_raised();
    const auto submitter = own_wakes.submitter.times_raised();
    holds.hold("m", clock.uptime() + 2h, 0.0);
    advance(2h);
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).status, "gone");
    EXPECT_EQ(row(batch).outcome, store::Outcome::gone);
    EXPECT_EQ(count_events(EventKind::batch_gone), 1U);
    EXPECT_GT(own_wakes.collector.times_raised(), collector);
    EXPECT_GT(own_wakes.submitter.times_raised(), submitter) << "its tokens no longer count";
    EXPECT_FALSE(holds.held_for("m", clock.uptime()));
    EXPECT_TRUE(store->conditions.all().value().empty());
    EXPECT_EQ(phase(batches[1]), BatchPhase::watching);
}

TEST_F(PollerTest, WhenEverythingIsMissingNothingIsGone) {
    const auto batches = in_flight(2);
    start();
    advance(1h);
    provider.fail_always(Call::retrieve, testing::in_own_words(FailureKind::not_found));
    provider.fail_always(Call::list_batches, failure(FailureKind::not_found));
    advance(100h);
    for (const auto& batch : batches) {
        EXPECT_EQ(phase(batch), BatchPhase::watching);
        EXPECT_NE(row(batch).held.find("provider.base_url"), std::string::npos);
    }
    EXPECT_EQ(count_events(EventKind::batch_held), 2U);
    EXPECT_EQ(store->conditions.of_job(batches[0].job_id).value().size(), 2U);
    provider.clear_failures();
    advance(5min);
    EXPECT_EQ(count_events(EventKind::batch_released), 2U);
    EXPECT_TRUE(store->conditions.all().value().empty());
    EXPECT_FALSE(row(batches[0]).missing_since);
    provider.finish("batch_1", {});
    advance(5min);
    EXPECT_EQ(phase(batches[0]), BatchPhase::ended);
}

TEST_F(PollerTest, WhereNothingElseIsInFlightAListingShowsWhetherTheAccountIsRight) {
    const auto batches = in_flight(2);
    start();
    provider.finish("batch_2", {});
    advance(1h);
    ASSERT_EQ(phase(batches[1]), BatchPhase::ended);
    provider.forget_batch("batch_1");
    advance(7h);
    EXPECT_EQ(row(batches[0]).outcome, store::Outcome::gone) << "the listing shows the other one, long ended";
}

TEST_F(PollerTest, ABatchOfAnotherKeyIsNeverGone) {
    const auto batches = in_flight(2);
    start();
    advance(1h);
    provider.its_identity.digest = "another key ";
    provider.forget_batch("batch_1");
    advance(100h);
    EXPECT_EQ(phase(batches[0]), BatchPhase::watching);
    EXPECT_NE(row(batches[0]).held.find("another key"), std::string::npos);
    EXPECT_EQ(row(batches[1]).account, "another key ") << "that one was found with it";
}

TEST_F(PollerTest, ABatchThatWasMadeElsewhereIsHeldAndNotAskedFor) {
    const auto batches = in_flight(2);
    start();
    const auto before = looks();
    provider.its_identity.base_url = "https://other.example/v1";
    advance(100h);
    EXPECT_EQ(looks(), before);
    EXPECT_EQ(count_events(EventKind::batch_held), 2U);
    EXPECT_NE(row(batches[0]).held.find("it was made at https://api.example/v1"), std::string::npos);
    EXPECT_NE(row(batches[0]).held.find("put provider.base_url back"), std::string::npos);
    provider.its_identity.base_url = "https://api.example/v1/";  // a slash makes it no other place
    provider.finish("batch_1", {});
    advance(5min);
    EXPECT_EQ(phase(batches[0]), BatchPhase::ended);
    EXPECT_EQ(count_events(EventKind::batch_released), 2U);
}

TEST_F(PollerTest, WhereABatchWasMadeIsNotedWhenItIsFirstSeen) {
    const auto batch = in_flight(1).front();
    EXPECT_EQ(row(batch).base_url, "");
    start();
    EXPECT_EQ(row(batch).base_url, "https://api.example/v1");
    EXPECT_EQ(row(batch).account, "0123456789ab");
}

TEST_F(PollerTest, APageOnTheWayMakesNoBatchMissing) {
    const auto batch = in_flight(1).front();
    advance(4h);
    provider.fail_always(Call::retrieve, failure(FailureKind::not_found));
    start();
    advance(100h);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    EXPECT_FALSE(row(batch).missing_since);
    EXPECT_FALSE(row(batch).held_since);
    EXPECT_EQ(count_events(EventKind::waiting), 1U);
}

TEST_F(PollerTest, ABatchThatIsFoundAgainIsNotGone) {
    const auto batch = in_flight(1).front();
    advance(1h);
    for (unsigned nth : {1U, 2U, 3U, 4U, 6U, 7U, 8U, 9U})
        provider.fail(Call::retrieve, nth, failure(FailureKind::not_found));
    start();
    advance(9min);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
}

TEST_F(PollerTest, ABatchThatIsNotFoundDoesNotHideTheOthers) {
    const auto batches = in_flight(2);
    advance(1h);
    provider.forget_batch("batch_1");
    provider.finish("batch_2", {});
    start();
    EXPECT_EQ(phase(batches[1]), BatchPhase::ended);
}

TEST_F(PollerTest, ATwinOfABatchOnRecordIsCancelled) {
    const auto batches = in_flight(5);
    provider.add_batch(batches[0].key, "file-1");
    start();
    EXPECT_EQ(provider.batch("batch_6").status, provider::BatchStatus::cancelling);
    EXPECT_EQ(provider.batch("batch_1").status, provider::BatchStatus::validating);
    EXPECT_EQ(count_events(EventKind::twin_cancelled), 1U);
    advance(10min);
    EXPECT_EQ(provider.count(Call::cancel), 1U);
}

TEST_F(PollerTest, ATwinThatCouldNotBeCancelledIsCancelledInTheNextRound) {
    const auto batches = in_flight(5);
    provider.add_batch(batches[0].key, "file-1");
    provider.fail(Call::cancel, 1, failure(FailureKind::unavailable));
    start();
    advance(60s);
    EXPECT_EQ(provider.batch("batch_6").status, provider::BatchStatus::cancelling);
}

TEST_F(PollerTest, LeavesBatchesAloneThatAreNotOurs) {
    in_flight(5);
    provider.add_batch("a key that is not on record", "file-1");
    provider.add_batch("", "file-1");
    start();
    advance(10min);
    EXPECT_EQ(provider.count(Call::cancel), 0U);
}

TEST_F(PollerTest, LeavesABatchAloneThatTheSubmitterIsStillLookingFor) {
    const auto batches = in_flight(5);
    const auto sixth = add_shard(batches[0].job_id, 6, {"6"});
    ASSERT_TRUE(store->batches.begin(sixth.id, BatchPhase::uploading, clock.now()));
    ASSERT_TRUE(store->batches.record_upload(sixth.id, "file-6"));
    ASSERT_TRUE(store->batches.begin(sixth.id, BatchPhase::creating, clock.now()));
    provider.add_batch(sixth.key, "file-6");
    start();
    EXPECT_EQ(provider.count(Call::cancel), 0U);
}

}  // namespace
}  // namespace batchd::engine
