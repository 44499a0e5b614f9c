// What is read of the state, from a database.

#include <gtest/gtest.h>

#include "report/status/status.hpp"
#include "support/temp_dir.hpp"

namespace batchd::report {
namespace {

struct ReadStatusTest : ::testing::Test {
    ReadStatusTest() { settings.state.directory = dir.path(); }

    void run(const char* sql) { ASSERT_TRUE(store->database.execute(sql)); }
    void add_jobs(const char* states) {
        const auto jobs =
            std::string("INSERT INTO jobs (key, name, state, created_at, device, inode, finished_at)") +
            " SELECT hex(randomblob(8)), 'n', value, '2026-11-27T08:00:00Z', 0, 0,"
            " iif(value = 'done', '2026-11-27T09:00:00Z', NULL) FROM json_each('" +
            states + "')";
        run(jobs.c_str());
    }
    std::vector<std::int64_t> numbers(const Status& status) {
        std::vector<std::int64_t> all;
        for (const store::JobOverview& job : status.jobs) all.push_back(job.job.id.value);
        return all;
    }

    testing::TempDir dir;
    std::unique_ptr<store::Store> store =
        store::open_store(dir.path() / "batchd.db", store::OpenMode::read_write).value();
    config::Settings settings;
};

/// Rows of `batches` with what is always the same.
constexpr const char* kShared =
    "INSERT INTO batches (id, shard, attempt, run, key, batch_id, phase, status, endpoint, model, requests, "
    "bytes,"
    " estimated_tokens, created_at, submitted_at, bundle) VALUES (5, 1, 1, 1, 'k', 'batch_s', 'watching', "
    "'in_progress',"
    " '/v1/chat/completions', 'm', 4, 1, 1, '2026-11-27T08:00:00Z', '2026-11-27T08:00:00Z', 'b');"
    "INSERT INTO parts (batch, job_id, shard, attempt, requests) VALUES (5, 1, 1, 1, 1), (5, 2, 1, 1, 1), "
    "(5, 3, 1, 1, 1),"
    " (5, 4, 1, 1, 1)";

TEST_F(ReadStatusTest, SaysWhoseASharedBatchIsThatIsHeld) {
    add_jobs(R"(["running", "running", "running", "running"])");
    run(kShared);
    run("UPDATE batches SET held_since = '2026-11-27T10:00:00Z', held = 'put the key back'");
    const Status status = read_status(*store, settings, "", TimePoint{}).value();
    ASSERT_EQ(status.conditions.size(), 1U);
    const store::BatchSubject& batch = status.subjects.at(status.conditions.front().about);
    EXPECT_EQ(batch.batch_id, "batch_s");
    EXPECT_EQ(batch.jobs, (std::vector{store::JobId{1}, store::JobId{2}, store::JobId{3}}));
    EXPECT_EQ(batch.jobs_total, 4U);
    EXPECT_TRUE(status.overdue.empty());
}

TEST_F(ReadStatusTest, HasTheBatchesThatAreOverdue) {
    add_jobs(R"(["running", "running", "running", "running"])");
    run(kShared);
    run("UPDATE batches SET overdue_at = '2026-11-27T10:00:00Z', expires_at = '2026-11-27T09:00:00Z'");
    const auto overdue = [this] { return read_found(*store, settings, {}, TimePoint{}).value().overdue; };
    ASSERT_EQ(overdue().size(), 1U);
    EXPECT_EQ(overdue().front().batch_id, "batch_s");
    EXPECT_EQ(overdue().front().jobs_total, 4U);
    run("UPDATE batches SET phase = 'ended', ended_at = '2026-11-27T11:00:00Z'");
    EXPECT_TRUE(overdue().empty());
}

TEST_F(ReadStatusTest, AListHasWhatRunsInFrontThenWhatWaits) {
    add_jobs(R"(["planned", "running", "running", "running", "running", "done", "done"])");
    // Of four that run this one has something at the provider, and the others wait for room.
    run("INSERT INTO batches (job_id, shard, attempt, run, key, batch_id, phase, status, endpoint, model, "
        "requests,"
        " bytes, estimated_tokens, created_at, submitted_at) VALUES (4, 1, 1, 1, 'k', 'b', 'watching', "
        "'in_progress',"
        " '/v1/chat/completions', 'm', 4, 1, 1, '2026-11-27T08:00:00Z', '2026-11-27T08:00:00Z')");
    const std::vector<std::int64_t> wanted{4, 1, 2, 3, 5, 7, 6};
    const Status found = read_found(*store, settings, {}, TimePoint{}).value();
    EXPECT_EQ(numbers(found), wanted);
    EXPECT_EQ(numbers(read_status(*store, settings, "", TimePoint{}).value()), wanted)
        << "one order for both";
    EXPECT_EQ(found.totals.running_jobs, 5U);
    EXPECT_EQ(found.totals.batches_at_provider, 1U);
    EXPECT_NE(status_summary(read_found(*store, settings, {.count_max = 1}, TimePoint{}).value())
                  .find("5 jobs running, 1 batch at the provider"),
              std::string::npos)
        << "of all, and not of those that are shown";
}

TEST_F(ReadStatusTest, ABatchThatManyShareCountsOnceWhicheverOfThemAreShown) {
    add_jobs(R"(["running", "running", "running", "running", "claimed", "done"])");
    run(kShared);
    for (const char* const shown : {"", "1", "5", "6"})
        EXPECT_TRUE(status_summary(read_status(*store, settings, shown, TimePoint{}).value())
                        .starts_with("5 jobs running, 1 batch at the provider; "))
            << "status " << shown;
}

TEST_F(ReadStatusTest, WhatWaitsInAQueueIsNotAmongWhatRuns) {
    add_jobs(R"(["planned", "running"])");
    run("UPDATE jobs SET waits = 1 WHERE id = 1");
    EXPECT_TRUE(status_summary(read_status(*store, settings, "2", TimePoint{}).value())
                    .starts_with("1 job running, 1 waiting in a queue, 0 batches at the provider; "));
}

TEST_F(ReadStatusTest, EachProviderHasTheTokenLimitsOfTheQueuesThatGoToIt) {
    settings.batch.enqueued_tokens = {{"m", 100}};
    settings.providers["azure"] = settings.providers["mistral"] = settings.provider;
    using Limits = std::map<std::string, std::uint64_t>;
    settings.queues["small"].provider = "azure";
    settings.queues["small"].enqueued_tokens = Limits{{"m", 200}, {"n", 5}};
    settings.queues["large"].provider = "azure";
    settings.queues["large"].enqueued_tokens = Limits{{"m", 300}};
    const Status status = read_status(*store, settings, "", TimePoint{}).value();
    const auto limits = [&](const std::string& name) {
        for (const Status::Provider& provider : status.providers)
            if (provider.name == name) return provider.limits;
        return Limits();
    };
    EXPECT_EQ(limits("default"), (Limits{{"m", 100}}));
    EXPECT_EQ(limits("azure"), (Limits{{"m", 300}, {"n", 5}}));
    EXPECT_EQ(limits("mistral"), (Limits{{"m", 100}})) << "no queue names it";
}

TEST_F(ReadStatusTest, HasAsManyEventsOfAJobAsAreAskedFor) {
    add_jobs(R"(["running"])");
    run("INSERT INTO events (at, kind, job_id, detail) SELECT '2026-11-27T08:00:00Z', 'x', 1, 'd' FROM"
        " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i FROM n)");
    EXPECT_EQ(read_status(*store, settings, "1", TimePoint{}).value().details->events.size(), kEventsShown);
    EXPECT_EQ(read_status(*store, settings, "1", TimePoint{}, 100).value().details->events.size(), 100U);
}

TEST_F(ReadStatusTest, FindsByItsNumberNoJobThatIsOnlyCalledSo) {
    add_jobs(R"(["running", "running"])");
    run("UPDATE jobs SET name = '4711' WHERE id = 2");
    const auto by_number = [this](std::int64_t id) {
        return read_status(*store, settings, store::JobId{id}, TimePoint{});
    };
    EXPECT_EQ(read_status(*store, settings, "4711", TimePoint{}).value().jobs.at(0).job.id, store::JobId{2});
    const auto called_so = by_number(4711);
    ASSERT_FALSE(called_so);
    EXPECT_EQ(called_so.error().code, Errc::not_found);
    EXPECT_EQ(by_number(2).value().jobs.at(0).job.id, store::JobId{2});
}

}  // namespace
}  // namespace batchd::report
