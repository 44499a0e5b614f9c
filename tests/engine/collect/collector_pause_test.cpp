#include "engine/collect/collector.hpp"

#include "engine/collector_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using testing::error_row;
using testing::result_row;

/// A request that was refused because the account can't pay.
std::string unpaid_row(const std::string& id) {
    return R"({"id":"b","custom_id":")" + id +
           R"(","response":{"status_code":429,"body":{"error":{"code":"insufficient_quota",)"
           R"("message":"You exceeded your current quota"}}},"error":null})";
}

/// What a batch waits for before its requests go out again.
struct CollectorPauseTest : CollectorTest {
    /// The newest attempt runs, and ends with these lines.
    void run_next(const testing::FakeProvider::Finish& how) {
        const store::Batch attempt = next();
        put_in_flight(attempt);
        finish(attempt, how);
    }
    void finish(const store::Batch& which, const testing::FakeProvider::Finish& how) {
        const std::string id = row(which).batch_id;
        provider.finish(id, how);
        const auto& object = provider.batch(id);
        store->batches
            .record_end(which.id,
                        {.status = how.status,
                         .completed = object.completed,
                         .failed = object.failed,
                         .output_file_id = object.output_file_id,
                         .error_file_id = object.error_file_id},
                        clock.now())
            .value();
        own_wakes.collector.raise();
        ASSERT_TRUE(eventually([&] { return phase(which) == store::BatchPhase::collected; }, 10min));
    }
};

TEST_F(CollectorPauseTest, RequestsThatTheAccountCannotPayForLoseNoAttempt) {
    settings.retry.row_attempts = 1;
    end({.output = {result_row("x")}, .errors = {unpaid_row("y"), unpaid_row("z")}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    EXPECT_EQ(next().requests, 2U);
    EXPECT_EQ(next().run, 1U);
    ASSERT_EQ(provider.unpaid.size(), 1U);
    EXPECT_EQ(provider::to_string(provider.unpaid[0]),
              "429 insufficient_quota: You exceeded your current quota");
    EXPECT_NE(detail_of_last(EventKind::rows_again).find("2 were refused because the quota is spent"),
              std::string::npos);
    for (int round = 0; round < 20; ++round) run_next({.errors = {unpaid_row("y"), unpaid_row("z")}});
    EXPECT_EQ(next().run, 1U);
    EXPECT_EQ(job().failed, 0U);
    run_next({.output = {result_row("y"), result_row("z")}});
    EXPECT_EQ(job().succeeded, 3U);
}

TEST_F(CollectorPauseTest, ARequestThatIsUnpaidForWhileOthersArePaidForDoesNotGoRoundForEver) {
    settings.retry.row_attempts = 2;
    end({.output = {result_row("x"), result_row("y")}, .errors = {unpaid_row("z")}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    const store::JobId mine = batch.job_id;
    unsigned rounds = 0;
    for (; rounds < 20 && job().state == store::JobState::running; ++rounds) {
        const store::Batch attempt = next();
        put_in_flight(attempt);
        advance(1min);
        const store::Batch other =
            add_shard(add_planned("b" + std::to_string(rounds), {"o"}).job_id, 2, {"p"});
        put_in_flight(other);
        finish(other, {.output = {result_row("p")}});
        finish(attempt, {.errors = {unpaid_row("z")}});
    }
    EXPECT_EQ(EngineFixture::job(mine).failed, 1U);
    EXPECT_EQ(rounds, 5U) << "three, and its two attempts";
}

TEST_F(CollectorPauseTest, WhatRanBesideRequestsThatTheAccountCannotPayForHasLostAnAttempt) {
    settings.retry.row_attempts = 2;
    end({.errors = {result_row("x", 500), result_row("y", 500), unpaid_row("z")}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    EXPECT_EQ(next().requests, 3U);
    EXPECT_EQ(next().run, 2U);
    run_next({.errors = {result_row("x", 500), result_row("y", 500), unpaid_row("z")}});
    EXPECT_EQ(job().failed, 2U) << "which have had their attempts";
    EXPECT_EQ(next().requests, 1U);
    run_next({.output = {result_row("z")}});
    EXPECT_EQ(job().succeeded, 1U);
}

TEST_F(CollectorPauseTest, AnOldBatchSaysNothingOfAnAccountThatHasPaidSince) {
    const store::Batch newer = [&] {
        advance(1min);
        return add_shard(add_planned("newer", {"o"}).job_id, 2, {"p"});
    }();
    put_in_flight(newer);
    start();
    finish(newer, {.output = {result_row("p")}});
    end({.output = {result_row("x")}, .errors = {unpaid_row("y"), unpaid_row("z")}});
    own_wakes.collector.raise();
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    EXPECT_EQ(next().requests, 2U);
    EXPECT_TRUE(provider.unpaid.empty());
}

TEST_F(CollectorPauseTest, ACancelDoesNotWaitForMoney) {
    ASSERT_TRUE(store->jobs.record_cancel_asked(batch.job_id, clock.now()));
    end({.errors = {unpaid_row("x"), unpaid_row("y"), unpaid_row("z")}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1h));
    EXPECT_EQ(batches_of(batch.job_id).size(), 1U);
    EXPECT_EQ(job().failed, 3U);
}

TEST_F(CollectorPauseTest, AProviderThatFailsWithMostOfABatchIsLeftAloneLongerEachTime) {
    end({.output = {result_row("x")}, .errors = {result_row("y", 429), result_row("z", 503)}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    const Millis first = holds.held_for("m", clock.uptime()).value();
    EXPECT_EQ(holds.why_held("m"), "the provider has failed with a batch of m");
    EXPECT_EQ(next().run, 2U);
    run_next({.errors = {result_row("y", 500), result_row("z", 500)}});
    EXPECT_GT(holds.held_for("m", clock.uptime()).value(), first);
    EXPECT_TRUE(provider.unpaid.empty());
}

TEST_F(CollectorPauseTest, AFewRequestsThatFailHoldNobodyUp) {
    end({.output = {result_row("x"), result_row("y")}, .errors = {result_row("z", 500)}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    EXPECT_EQ(next().run, 2U);
    EXPECT_FALSE(holds.held_for("m", clock.uptime()));
}

}  // namespace
}  // namespace batchd::engine
