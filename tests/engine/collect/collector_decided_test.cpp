// What was decided by an earlier run, which a crash broke off, when the batch is looked at again.

#include "engine/collector_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using spool::ShardFile;
using store::BatchPhase;
using testing::result_row;

struct CollectorDecidedTest : CollectorTest {
    /// Decides, and writes what follows from it, but commits nothing.
    void start_and_crash_before_the_commit() {
        store->database
            .execute("CREATE TRIGGER full BEFORE INSERT ON batches BEGIN SELECT RAISE(ABORT, 'full'); END")
            .value();
        start();
        EXPECT_FALSE(collected());
        crash();
        store->database.execute("DROP TRIGGER full").value();
    }
    /// It runs on after all, and the poller sees its end.
    void run_after_all(const testing::FakeProvider::Finish& how) {
        provider.batch("batch_1").errors.clear();
        provider.set_status("batch_1", "in_progress");
        start();
        ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1min));
        end(how);
        own_wakes.collector.raise();
        ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    }
    bool is_cut() { return file_exists(layout.shard_file(job().key, {1, 1}, ShardFile::cut)).value(); }
    void fail_for_nothing_that_is_named() {
        refused({.code = "invalid_request", .message = "One of the requests is not valid."});
    }
};

TEST_F(CollectorDecidedTest, ABatchThatRunsAfterItsCutWasDecidedKeepsItsAnswers) {
    fail_for_nothing_that_is_named();
    start_and_crash_before_the_commit();
    ASSERT_TRUE(is_cut());
    run_after_all({.output = {result_row("x"), result_row("y"), result_row("z")}});
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_EQ(batches_of(batch.job_id).size(), 1U) << "nothing is sent again";
    EXPECT_FALSE(is_cut()) << "it would be obeyed where the database is lost";
}

TEST_F(CollectorDecidedTest, NorIsAnythingCutThatRanInPart) {
    fail_for_nothing_that_is_named();
    start_and_crash_before_the_commit();
    run_after_all({.status = "failed", .output = {result_row("x")}, .refusals = {{.code = "server_error"}}});
    EXPECT_EQ(job().succeeded, 1U);
    EXPECT_EQ(batches_of(batch.job_id).size(), 2U);
    EXPECT_EQ(next().requests, 2U);
}

TEST_F(CollectorDecidedTest, ABatchThatNamesEmptyFilesIsCutAsWasDecided) {
    fail_for_nothing_that_is_named();
    start_and_crash_before_the_commit();
    provider.batch("batch_1").output_file_id = provider.add_file("out", "");
    provider.batch("batch_1").errors = {{.code = "server_error", .message = "Sorry."}};
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1h));
    EXPECT_EQ(batches_of(batch.job_id).size(), 3U);
}

TEST_F(CollectorDecidedTest, OfABatchThatIsGoneACutCountsOnceAPartWasSent) {
    fail_for_nothing_that_is_named();
    start_and_crash_before_the_commit();
    store->database.run("UPDATE batches SET outcome = 'gone', status = 'gone'").value();
    replace_file(layout.shard_file(job().key, {1, 2}, ShardFile::batch_id), "batch_7\n").value();
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(batches_of(batch.job_id).size(), 3U);
}

/// The job has a fallback, and it was noted that its next attempt goes there, before the lines were made.
struct NotedFallbackTest : CollectorDecidedTest {
    NotedFallbackTest() {
        Terms terms = terms_of(settings);
        terms.fallback = Fallback{"gpu", {}, {}, {}};
        store->database.run("UPDATE jobs SET terms = ?", to_json(terms)).value();
        replace_file(layout.shard_file(job().key, {1, 2}, ShardFile::provider), "gpu\n").value();
    }
    void expect_all_of_it_there(std::uint64_t requests = 3) {
        start();
        ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
        const auto all = batches_of(batch.job_id);
        ASSERT_EQ(all.size(), 2U);
        EXPECT_EQ(all[1].provider, "gpu");
        EXPECT_EQ(all[1].requests, requests);
        EXPECT_EQ(all[1].phase, BatchPhase::planned) << "it has no file there";
    }
};

TEST_F(NotedFallbackTest, WhatWouldBeSentAgainHereGoesThere) {
    refused({.code = "server_error", .message = "Sorry."});
    expect_all_of_it_there();
}

TEST_F(NotedFallbackTest, WhatWouldWaitForRoomGoesThere) {
    refused({.code = "token_limit_exceeded", .message = "Enqueued token limit reached."});
    expect_all_of_it_there();
}

TEST_F(NotedFallbackTest, WhatWouldBeHalvedGoesThere) {
    fail_for_nothing_that_is_named();
    expect_all_of_it_there();
}

TEST_F(NotedFallbackTest, ButForTheLinesThatAreWrong) {
    refused({.code = "invalid_json_line", .message = "No.", .line = 2});
    expect_all_of_it_there(2);
    EXPECT_EQ(job().failed, 1U);
}

}  // namespace
}  // namespace batchd::engine
