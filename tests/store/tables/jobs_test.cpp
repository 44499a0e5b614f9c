#include "store/tables/jobs.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using namespace std::chrono_literals;

struct JobsTest : ::testing::Test {
    testing::TempDir dir;
    std::unique_ptr<Store> store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    TimePoint now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

    JobId add(const std::string& name) {
        return store->jobs
            .add({.key = "key of " + name, .name = name, .created_at = now, .device = 1, .inode = 2})
            .value();
    }
    void walk(JobId id, std::initializer_list<JobState> states) {
        for (const JobState state : states) ASSERT_TRUE(store->jobs.change_state(id, state));
    }
    /// One that is done, with nothing left of it in work/.
    JobId add_cleaned(const std::string& name) {
        const JobId id = add(name);
        walk(id, {JobState::planned, JobState::running, JobState::delivering});
        EXPECT_TRUE(store->jobs.finish(id, JobState::done, "/outbox/" + name, now));
        EXPECT_TRUE(store->jobs.record_cleaned(id, now));
        return id;
    }
};

TEST_F(JobsTest, BeginAsClaimed) {
    const JobId id = add("articles");
    const Job job = store->jobs.find(id).value().value();
    EXPECT_EQ(job.name, "articles");
    EXPECT_EQ(job.state, JobState::claimed);
    EXPECT_EQ(job.created_at, now);
    EXPECT_EQ(job.inode, 2U);
    EXPECT_EQ(store->jobs.in_state(JobState::claimed, 10).value(), std::vector{id});
}

TEST_F(JobsTest, AreNotAddedWhenTheCommitFails) {
    sqlite3_commit_hook(&store->database.handle(), [](void*) { return 1; }, nullptr);
    EXPECT_FALSE(store->jobs.add({.key = "key", .name = "articles", .created_at = now}));
    EXPECT_TRUE(store->jobs.in_state(JobState::claimed, 10).value().empty());
}

TEST_F(JobsTest, KeepANameOfAnyBytes) {
    const std::string name("a\n'\"%s\xff\xfe;--", 11);
    EXPECT_EQ(store->jobs.find(add(name)).value().value().name, name);
}

TEST_F(JobsTest, RefuseAnIllegalChangeOfState) {
    const JobId id = add("articles");
    const auto changed = store->jobs.change_state(id, JobState::done);
    ASSERT_FALSE(changed);
    EXPECT_EQ(to_string(changed.error()), "job 1 can't go from claimed to done");
}

TEST_F(JobsTest, EndTogetherWithTheFolderTheyAreIn) {
    const JobId id = add("articles");
    walk(id, {JobState::planned, JobState::running, JobState::delivering});
    ASSERT_TRUE(store->database.execute(
        "CREATE TRIGGER torn BEFORE UPDATE OF delivered_to ON jobs BEGIN SELECT RAISE(ABORT, 'torn'); END"));
    EXPECT_FALSE(store->jobs.finish(id, JobState::done, "/outbox/articles", now));
    EXPECT_EQ(store->jobs.find(id).value().value().state, JobState::delivering);
    ASSERT_TRUE(store->database.execute("DROP TRIGGER torn"));
    ASSERT_TRUE(store->jobs.finish(id, JobState::done, "/outbox/articles", now));
    const Job job = store->jobs.find(id).value().value();
    EXPECT_EQ(job.state, JobState::done);
    EXPECT_EQ(job.delivered_to, "/outbox/articles");
    EXPECT_EQ(job.finished_at, now);
}

TEST_F(JobsTest, KeepTheFirstReason) {
    const JobId id = add("articles");
    ASSERT_TRUE(store->jobs.record_reason(id, "first"));
    ASSERT_TRUE(store->jobs.record_reason(id, "second"));
    EXPECT_EQ(store->jobs.find(id).value().value().reason, "first");
}

TEST_F(JobsTest, AreCleanedOnceAfterTheyEnded) {
    const JobId id = add("articles");
    walk(id, {JobState::planned, JobState::running, JobState::delivering});
    EXPECT_EQ(store->jobs.count().value().open, 1U);
    ASSERT_TRUE(store->jobs.finish(id, JobState::failed, "/outbox/articles", now));
    EXPECT_EQ(store->jobs.count().value().open, 0U);
    EXPECT_EQ(store->jobs.to_clean("default", 10).value(), std::vector{id});
    ASSERT_TRUE(store->jobs.record_cleaned(id, now));
    EXPECT_TRUE(store->jobs.to_clean("default", 10).value().empty());
}

TEST_F(JobsTest, AreRemovedWhenTheyEndedLongAgoAndAreCleaned) {
    const JobId old = add("old");
    walk(old, {JobState::planned, JobState::running, JobState::delivering});
    ASSERT_TRUE(store->jobs.finish(old, JobState::done, "/outbox/old", now));
    const JobId open = add("open");
    EXPECT_EQ(store->jobs.remove_old({now + 1h, now + 1h}, 10).value(), 0U);
    EXPECT_TRUE(store->jobs.find(old).value()) << "its work directory is still there";
    ASSERT_TRUE(store->jobs.record_cleaned(old, now));
    EXPECT_EQ(store->jobs.remove_old({now + 1h, now + 1h}, 10).value(), 1U);
    EXPECT_FALSE(store->jobs.find(old).value());
    EXPECT_TRUE(store->jobs.find(open).value());
}

TEST_F(JobsTest, TheNumberOfOneThatWasRemovedIsNotGivenToAnother) {
    const JobId only = add_cleaned("only");
    static_cast<void>(store->jobs.remove_old({now + 1h, now + 1h}, 10).value());
    const JobId next = add("next");
    EXPECT_GT(next, only);
    EXPECT_EQ(store->jobs.remove_old({now + 1h, now + 1h}, 10).value(), 1U) << "once it is not the newest";
    EXPECT_FALSE(store->jobs.find(only).value());
}

TEST_F(JobsTest, TheOneThatTheNewestCommandIsAboutStaysWithIt) {
    const JobId about = add_cleaned("about");
    add("newest");
    ASSERT_TRUE(store->commands.add(Verb::retry, about, now));
    EXPECT_EQ(store->jobs.remove_old({now + 1h, now + 1h}, 10).value(), 0U);
    EXPECT_TRUE(store->jobs.find(about).value());
}

TEST_F(JobsTest, WhatWasLetGoStaysAsLongAsItCountsInABudget) {
    const JobId paid = add_cleaned("paid");
    ASSERT_TRUE(store->waiting_jobs.record_released(paid, now));
    add("newest");
    EXPECT_EQ(store->jobs.remove_old({.before = now + 1h, .let_go_before = now}, 10).value(), 0U);
    EXPECT_TRUE(store->jobs.find(paid).value());
    EXPECT_EQ(store->jobs.remove_old({.before = now + 1h, .let_go_before = now + 1s}, 10).value(), 1U);
}

TEST_F(JobsTest, AddUpProgress) {
    const JobId id = add("articles");
    ASSERT_TRUE(
        store->jobs.add_progress(id, {.succeeded = 3, .failed = 1, .input_tokens = 10, .output_tokens = 5}));
    ASSERT_TRUE(
        store->jobs.add_progress(id, {.succeeded = 2, .failed = 0, .input_tokens = 7, .output_tokens = 4}));
    const Job job = store->jobs.find(id).value().value();
    EXPECT_EQ(job.succeeded, 5U);
    EXPECT_EQ(job.failed, 1U);
    EXPECT_EQ(job.input_tokens, 17U);
    EXPECT_EQ(job.output_tokens, 9U);
}

TEST_F(JobsTest, RowsOfWhichNoneRanAreNoPriceOfAnswersThatHaveNone) {
    const JobId id = add("articles");
    const auto cost_after = [&](const Jobs::Progress& more) {
        EXPECT_TRUE(store->jobs.add_progress(id, more));
        return store->jobs.find(id).value().value().spent.cost;
    };
    EXPECT_EQ(cost_after({.failed = 3}), 0) << "which is known";
    EXPECT_EQ(cost_after({.succeeded = 3, .spent = {.unpriced = 3}}), std::nullopt);
    EXPECT_EQ(cost_after({.failed = 3}), std::nullopt);
    EXPECT_EQ(cost_after({.succeeded = 1, .spent = {.cost = 5, .cost_sync = 10}}), 5);
}

}  // namespace
}  // namespace batchd::store
