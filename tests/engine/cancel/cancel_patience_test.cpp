#include "engine/cancel/cancel_patience.hpp"

#include <algorithm>

#include "engine/cancel/cancel_deadline.hpp"
#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using store::Outcome;
using testing::Call;
using testing::failure;

struct CancelPatienceTest : EngineFixture {
    store::Batch batch = add_planned("a", {"x"});

    CancelPatienceTest() {
        put_in_flight(batch);
        settings.retry.cancel_patience = 24h;
    }
    ~CancelPatienceTest() override { crash(); }

    void start() {
        patience = std::make_unique<CancelPatience>(
            CancelPatience::Ports{settings, *store, clock, *journal, wakes, account_name, provider,
                                  own_wakes},
            CancelPatience::Hurry{.submitter = [this](store::BatchRowId id) { not_submitted.push_back(id); },
                                  .collector = [this](store::BatchRowId id) { hurried.push_back(id); }});
        tasks->spawn(patience->run());
        settle();
    }
    void ask_for_cancel() {
        store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
        own_wakes.cancel_patience.raise();
        settle();
    }

    std::unique_ptr<CancelPatience> patience;
    std::vector<store::BatchRowId> hurried, not_submitted;
};

TEST_F(CancelPatienceTest, SleepsWhileNobodyHasAskedForACancel) {
    start();
    EXPECT_EQ(clock.sleepers(), 0U);
    advance(100h);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
}

TEST_F(CancelPatienceTest, EndsWhatTheProviderDoesNotEndAndSaysWhatIsLeftOpen) {
    start();
    provider.set_status("batch_1", "cancelling");
    provider.batch("batch_1").output_file_id = "file-9";
    ask_for_cancel();
    store->batches.record_cancel_sent(batch.id, clock.now()).value();
    advance(24h - 1s);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    const auto collector = own_wakes.collector.times_raised();
    advance(1s);
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).outcome, Outcome::unanswered_cancel);
    EXPECT_EQ(row(batch).status, "cancelling") << "as it says itself";
    EXPECT_EQ(row(batch).output_file_id, "file-9") << "from a last look";
    EXPECT_GT(own_wakes.collector.times_raised(), collector);
    EXPECT_NE(detail_of_last(EventKind::batch_left_open).find("for 24h"), std::string::npos);
    EXPECT_NE(detail_of_last(EventKind::batch_left_open).find("cancelling"), std::string::npos);
}

TEST_F(CancelPatienceTest, WhatHasEndedUnseenEndsAsItShould) {
    start();
    ask_for_cancel();
    advance(23h);
    provider.answer_all("batch_1");
    advance(1h);
    EXPECT_EQ(row(batch).outcome, Outcome::ended);
    EXPECT_EQ(row(batch).status, "completed");
    EXPECT_EQ(count_events(EventKind::batch_left_open), 0U);
}

TEST_F(CancelPatienceTest, EndsItThoughTheProviderNeverAnswers) {
    provider.latency[Call::retrieve] = 1000h;
    start();
    ask_for_cancel();
    advance(24h + 10s);
    EXPECT_EQ(row(batch).outcome, Outcome::unanswered_cancel);
    EXPECT_NE(detail_of_last(EventKind::batch_left_open).find("was not told"), std::string::npos);
}

TEST_F(CancelPatienceTest, EndsWhatIsHeldWithoutAskingElsewhere) {
    store->batches.record_account(batch.id, {"https://old.example/v1", ""}).value();
    store->batches.hold(batch.id, "it was made elsewhere", clock.now()).value();
    store->conditions
        .set({.kind = "held", .about = "batch " + std::to_string(batch.id.value), .text = "t"}, clock.now())
        .value();
    start();
    ask_for_cancel();
    advance(24h);
    EXPECT_EQ(row(batch).outcome, Outcome::unanswered_cancel);
    EXPECT_EQ(provider.count(Call::retrieve), 0U);
    EXPECT_TRUE(store->conditions.all().value().empty());
    EXPECT_FALSE(row(batch).held_since);
}

TEST_F(CancelPatienceTest, OneWithoutAnAnswerIsEnoughForAHundred) {
    for (std::uint64_t shard = 2; shard <= 100; ++shard)
        put_in_flight(add_shard(batch.job_id, shard, {std::to_string(shard)}));
    provider.latency[Call::retrieve] = 1000h;
    start();
    ask_for_cancel();
    advance(24h + 10s);
    for (const auto& each : batches_of(batch.job_id)) EXPECT_EQ(each.phase, BatchPhase::ended);
    EXPECT_EQ(provider.count(Call::retrieve), 1U);
}

TEST_F(CancelPatienceTest, HurriesTheCollectionOfWhatHasEnded) {
    start();
    ask_for_cancel();
    store->batches.record_end(batch.id, {.status = "completed"}, clock.now()).value();
    advance(23h);
    EXPECT_TRUE(hurried.empty());
    advance(2h);
    EXPECT_EQ(hurried, std::vector{batch.id}) << "once";
}

TEST_F(CancelPatienceTest, HurriesWhatWaitsToBeLookedForOnce) {
    start();
    const auto second = add_shard(batch.job_id, 2, {"y"});
    ask_for_cancel();
    advance(24h - 1s);
    EXPECT_TRUE(not_submitted.empty());
    advance(2h);
    EXPECT_EQ(not_submitted, std::vector{second.id});
}

TEST_F(CancelPatienceTest, AStartLooksForAMomentBeforeItGivesUp) {
    const auto second = add_shard(batch.job_id, 2, {"y"});
    store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
    advance(30h);
    start();
    EXPECT_TRUE(not_submitted.empty());
    advance(kCollectionMin);
    EXPECT_EQ(not_submitted, std::vector{second.id});
}

TEST_F(CancelPatienceTest, AStartGoesOnWithWhatIsDue) {
    store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
    advance(30h);
    start();
    EXPECT_EQ(row(batch).outcome, Outcome::unanswered_cancel);
}

TEST_F(CancelPatienceTest, APatienceThatIsCutShortHoldsWithinMinutes) {
    start();
    ask_for_cancel();
    settings.retry.cancel_patience = 1min;
    advance(10min);
    EXPECT_EQ(row(batch).outcome, Outcome::unanswered_cancel);
}

}  // namespace
}  // namespace batchd::engine
