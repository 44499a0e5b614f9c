#include "store/query/counts.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using ByWord = std::map<std::string, std::uint64_t>;

/// A daemon that writes, and somebody who looks now and then.
struct CountingTest : ::testing::Test {
    void run(const std::string& sql) { ASSERT_TRUE(store_->database.execute(sql.c_str())) << sql; }
    void add_job(int id, const std::string& state) {
        run("INSERT INTO jobs (id, key, name, state, created_at, device, inode) VALUES (" +
            std::to_string(id) + ", 'k" + std::to_string(id) + "', 'n', '" + state +
            "', '2026-11-27T08:00:00Z', 1, 1)");
    }
    void add_batch(int id, int job, const std::string& phase) {
        run("INSERT INTO batches (id, job_id, shard, attempt, run, key, phase, status, endpoint, model, "
            "requests, bytes,"
            " estimated_tokens, completed, failed, input_tokens, cost, cost_sync, created_at) VALUES (" +
            std::to_string(id) + ", " + std::to_string(job) + ", " + std::to_string(id) + ", 1, 1, 'b" +
            std::to_string(id) + "', '" + phase +
            "', 'x', '/v1', 'm', 10, 1, 1, 9, 1, 100, 5, 10, '2026-11-27T08:00:00Z')");
    }
    Counts look() { return counting_.look(store_->database).value(); }

    testing::TempDir directory_;
    std::unique_ptr<Store> store_ = open_store(directory_.path() / "batchd.db", OpenMode::read_write).value();
    Counting counting_;
};

TEST_F(CountingTest, CountsWhatIsThereAndWhatComes) {
    add_job(1, "done");
    add_job(2, "running");
    EXPECT_EQ(look().jobs, (ByWord{{"done", 1}, {"running", 1}}));
    run("UPDATE jobs SET state = 'failed' WHERE id = 2");
    add_job(3, "done");
    add_job(4, "claimed");
    const Counts counts = look();
    EXPECT_EQ(counts.jobs, (ByWord{{"claimed", 1}, {"done", 2}, {"failed", 1}}));
    EXPECT_EQ(counts.ended, (ByWord{{"done", 2}, {"failed", 1}}));
    EXPECT_EQ(look().ended, counts.ended) << "nothing twice";
}

TEST_F(CountingTest, HowLongJobsTookIsTheSameWhetherTheyEndBeforeOrAfterTheFirstLook) {
    const auto end = [&](int id, const std::string& at) {
        run("UPDATE jobs SET state = 'done', finished_at = '" + at + "' WHERE id = " + std::to_string(id));
    };
    const std::vector<std::string> ends{"2026-11-27T08:01:00Z", "2026-11-27T08:01:01Z",
                                        "2026-11-30T08:00:00Z", "2026-11-27T07:00:00Z"};
    for (int id = 1; id <= 8; ++id) add_job(id, "running");
    for (int id = 1; id <= 4; ++id) end(id, ends[static_cast<std::size_t>(id - 1)]);
    const DurationCount first = look().durations["default"];
    DurationCount wanted;
    wanted.jobs = {2, 1, 0, 0, 0, 0, 0, 0, 0, 1};  // a minute and none, more than one, three days
    wanted.seconds = 60 + 61 + 3 * 86'400;
    EXPECT_EQ(first.jobs, wanted.jobs);
    EXPECT_EQ(first.seconds, wanted.seconds);
    for (int id = 5; id <= 8; ++id) end(id, ends[static_cast<std::size_t>(id - 5)]);
    const DurationCount both = look().durations["default"];
    for (std::size_t i = 0; i < wanted.jobs.size(); ++i) EXPECT_EQ(both.jobs[i], 2 * wanted.jobs[i]) << i;
    EXPECT_EQ(both.seconds, 2 * wanted.seconds);
}

TEST_F(CountingTest, TheClassesOfDurationsAreTheSameInSqlAndHere) {
    const TimePoint claimed = *parse_utc_text("2026-11-27T08:00:00Z");
    int id = 0;
    for (const std::uint64_t bound : kDurationBounds)
        for (const std::uint64_t more : {0U, 1U}) {
            add_job(++id, "done");
            run("UPDATE jobs SET finished_at = '" +
                to_utc_text(claimed + std::chrono::seconds(bound + more)) +
                "' WHERE id = " + std::to_string(id));
        }
    const auto jobs = look().durations["default"].jobs;
    EXPECT_EQ(jobs.front(), 1U);
    for (std::size_t i = 1; i + 1 < jobs.size(); ++i) EXPECT_EQ(jobs[i], 2U) << i;
    EXPECT_EQ(jobs.back(), 1U);
}

TEST_F(CountingTest, CountsTroublesAndKnowsWhenTheDaemonWasStarted) {
    const auto note = [&](const std::string& kind, const std::string& at) {
        run("INSERT INTO events (at, kind, detail) VALUES ('" + at + "', '" + kind + "', '')");
    };
    EXPECT_FALSE(look().started_at);
    note("started", "2026-11-27T08:00:00Z");
    note("doubt", "2026-11-27T08:00:01Z");
    note("job_claimed", "2026-11-27T08:00:02Z");
    EXPECT_EQ(look().events, (ByWord{{"doubt", 1}}));
    run("DELETE FROM events WHERE kind = 'doubt'");
    note("twin_cancelled", "2026-11-27T08:00:03Z");
    note("doubt", "2026-11-27T08:00:04Z");
    const Counts counts = look();
    EXPECT_EQ(counts.events, (ByWord{{"doubt", 2}, {"twin_cancelled", 1}}));
    EXPECT_EQ(counts.started_at, parse_utc_text("2026-11-27T08:00:00Z"));
}

TEST_F(CountingTest, CountsWhatWentOutAgainAndWhatWasUploaded) {
    add_job(1, "running");
    add_batch(1, 1, "watching");
    EXPECT_EQ(look().uploaded_bytes, 0U);
    run("UPDATE batches SET phase = 'collected', batch_id = 'a', input_file_id = 'f', bytes = 700;"
        "UPDATE parts SET completed = 6, failed = 1");
    Counts counts = look();
    EXPECT_EQ(counts.models.at(0).retried, 3U);
    EXPECT_EQ(counts.uploaded_bytes, 700U);
    // The next attempt of a file that is there already, and one that was never submitted.
    add_batch(2, 1, "collected");
    add_batch(3, 1, "collected");
    run("UPDATE batches SET batch_id = 'b', input_file_id = 'f', bytes = 700 WHERE id = 2;"
        "UPDATE parts SET completed = 10, failed = 0 WHERE batch = 2;"
        "UPDATE parts SET completed = 0, failed = 0 WHERE batch = 3");
    counts = look();
    EXPECT_EQ(counts.models.at(0).retried, 3U);
    EXPECT_EQ(counts.uploaded_bytes, 700U);
    EXPECT_EQ(Counting().look(store_->database).value().models.at(0).retried, 3U) << "a start finds the same";
    EXPECT_EQ(Counting().look(store_->database).value().uploaded_bytes, 700U);
}

TEST_F(CountingTest, CountsRunsOfHooksByTheirNames) {
    const auto note = [&](const std::string& kind, const std::string& detail) {
        run("INSERT INTO events (at, kind, detail) VALUES ('2026-11-27T08:00:00Z', '" + kind + "', '" +
            detail + "')");
    };
    note("hook_run", "notify.next: notice 12 (done): it ended well");
    note("hook_failed", "notify.next: notice 13 (done): it ended with 1");
    look();
    note("hook_run", "notify.next: notice 13 (done): it ended well");
    note("hook_run", "written by somebody else");
    Counts counts = look();
    EXPECT_EQ(counts.hooks.at("next").succeeded, 2U);
    EXPECT_EQ(counts.hooks.at("next").failed, 1U);
    EXPECT_EQ(counts.hooks.at("other").succeeded, 1U);
    for (int i = 0; i < 100; ++i) note("hook_run", "notify.n" + std::to_string(i) + ": x");
    counts = look();
    EXPECT_LE(counts.hooks.size(), kHooksMax + 1) << "names that somebody invents have a bound";
    EXPECT_EQ(counts.events.size(), 0U);
}

TEST_F(CountingTest, KeepsCountingWhatWasCleanedAway) {
    add_job(1, "done");
    add_batch(1, 1, "collected");
    add_job(2, "done");
    look();
    run("PRAGMA foreign_keys = ON; DELETE FROM jobs WHERE id = 1");
    const Counts counts = look();
    EXPECT_EQ(counts.jobs, (ByWord{{"done", 1}}));
    EXPECT_EQ(counts.ended, (ByWord{{"done", 2}}));
    ASSERT_EQ(counts.models.size(), 1U);
    EXPECT_EQ(counts.models.front().succeeded, 9U);
    EXPECT_EQ(counts.batches, (ByWord{{"collected", 0}}));
}

TEST_F(CountingTest, AddsUpWhatWasCollectedByModelAndQueue) {
    add_job(1, "running");
    add_batch(1, 1, "watching");
    EXPECT_TRUE(look().models.empty());
    EXPECT_EQ(look().batches, (ByWord{{"watching", 1}, {"collected", 0}}));
    run("UPDATE batches SET phase = 'collected'");
    run("UPDATE parts SET completed = 9, failed = 1");
    add_batch(2, 1, "collected");
    const Counts counts = look();
    ASSERT_EQ(counts.models.size(), 1U);
    EXPECT_EQ(counts.models.front().model, "m");
    EXPECT_EQ(counts.models.front().queue, "default");
    EXPECT_EQ(counts.models.front().succeeded, 18U);
    EXPECT_EQ(counts.models.front().failed, 2U);
    EXPECT_EQ(counts.models.front().cost, 10);
    EXPECT_EQ(counts.models.front().cost_sync, 20);
    EXPECT_EQ(counts.batches, (ByWord{{"collected", 2}}));
    EXPECT_EQ(look().models.front().succeeded, 18U) << "nothing twice";
}

TEST_F(CountingTest, WhatWasSavedNeverFalls) {
    add_job(1, "running");
    add_batch(1, 1, "collected");
    EXPECT_EQ(look().models.front().saved, 5);
    add_batch(2, 1, "watching");
    run("UPDATE batches SET phase = 'collected' WHERE id = 2");
    run("UPDATE parts SET cost = 40, cost_sync = 20 WHERE batch = 2");
    EXPECT_EQ(look().models.front().saved, 5);
    EXPECT_EQ(Counting().look(store_->database).value().models.front().saved, 5)
        << "likewise after a restart";
}

TEST_F(CountingTest, BeginsAnewInAnotherDatabase) {
    for (int id = 1; id <= 3; ++id) add_job(id, "done");
    EXPECT_EQ(look().ended, (ByWord{{"done", 3}}));
    run("DELETE FROM jobs");
    add_job(1, "failed");
    EXPECT_EQ(look().ended, (ByWord{{"failed", 1}}));
}

TEST_F(CountingTest, SaysHowOldTheOldestBatchIs) {
    add_job(1, "running");
    add_batch(1, 1, "watching");
    run("UPDATE batches SET submitted_at = '2026-11-27T09:00:00Z', overdue_at = '2026-11-28T09:00:00Z'");
    const Counts counts = look();
    EXPECT_EQ(counts.overdue, 1U);
    EXPECT_EQ(to_utc_text(counts.oldest_batch.value()), "2026-11-27T09:00:00Z");
}

}  // namespace
}  // namespace batchd::store
