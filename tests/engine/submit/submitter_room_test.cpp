#include "engine/submit/submitter.hpp"

#include "engine/submitter_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using testing::Call;
using testing::failure;

struct SubmitterRoomTest : SubmitterFixture {
    store::Batch batch = add_planned("a", {"x", "y"});  // of about 40 tokens

    provider::Failure no_room(const std::string& limit) {
        return {.kind = FailureKind::token_limit, .message = "Limit: " + limit + " enqueued tokens."};
    }
};

TEST_F(SubmitterRoomTest, ABatchAboveTheLimitThatTheProviderNamesIsLeftToBeCut) {
    provider.fail_always(Call::create, no_room("39"));
    start();
    EXPECT_EQ(provider.count(Call::create), 1U);
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).status, "too_large");
    EXPECT_NE(row(batch).error.find("Limit: 39 enqueued tokens."), std::string::npos);
    EXPECT_EQ(count_events(EventKind::token_limit), 1U);
}

TEST_F(SubmitterRoomTest, ALimitThatIsKnownIsKeptWithoutAsking) {
    holds.learn_limit("m", 39, clock.uptime());
    start();
    EXPECT_EQ(provider.count(Call::upload), 0U);
    EXPECT_EQ(row(batch).status, "too_large");
}

TEST_F(SubmitterRoomTest, ALimitThatTheProviderNamedIsKeptByWhatIsSentLater) {
    holds.learn_limit("m", 60, clock.uptime());
    const auto second = add_shard(batch.job_id, 2, {"z"});
    start();
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    EXPECT_EQ(phase(second), BatchPhase::planned) << "80 tokens are more than 60";
    EXPECT_NE(detail_of_last(EventKind::waiting).find("the limit that the provider named"),
              std::string::npos);
}

TEST_F(SubmitterRoomTest, ABatchWithinTheLimitWaitsForOthersToEnd) {
    provider.fail(Call::create, 1, no_room("50"));
    start();
    EXPECT_EQ(phase(batch), BatchPhase::uploaded);
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 10min));
    EXPECT_EQ(provider.count(Call::upload), 1U);
}

TEST_F(SubmitterRoomTest, ASingleRequestAboveTheLimitIsGivenUpOnlyAfterItWasRefusedAlone) {
    const auto single = add_shard(batch.job_id, 2, {"z"});
    put_in_flight(batch);
    provider.fail_always(Call::create, no_room("39"));
    start();
    advance(2h);
    EXPECT_EQ(phase(single), BatchPhase::uploaded) << "another one is in flight";
    provider.finish("batch_1", {});
    ASSERT_TRUE(store->batches.record_end(batch.id, {.status = "completed"}, clock.now()));
    own_wakes.submitter.raise();
    advance(2h);
    EXPECT_EQ(row(single).status, "too_large");
}

TEST_F(SubmitterRoomTest, WhatWasDecidedBeforeTheDatabaseWasLostIsNotSentAsAWhole) {
    const Path cut = layout.shard_file(job(batch.job_id).key, {1, 1}, spool::ShardFile::cut);
    replace_file(cut, "[]").value();
    start();
    EXPECT_EQ(provider.count(Call::upload), 0U);
    EXPECT_EQ(row(batch).status, "too_large");
}

}  // namespace
}  // namespace batchd::engine
