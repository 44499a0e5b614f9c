#include "store/query/spending.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

/// Days are the machine's, so the machine is put far from UTC.
struct SpendingTest : ::testing::Test {
    SpendingTest() {
        setenv("TZ", "Pacific/Auckland", 1);
        tzset();
    }
    ~SpendingTest() override {
        unsetenv("TZ");
        tzset();
    }

    JobId add_job(const std::string& name, const std::string& queue) {
        Job job;
        job.key = name + queue;
        job.name = name;
        job.queue = queue;
        job.created_at = *parse_utc_text("2026-11-20T08:00:00Z");
        return store->jobs.add(job).value();
    }
    void add_batch(JobId job, const std::string& model, const std::string& collected_at,
                   std::optional<std::int64_t> cost, std::uint64_t unpriced = 0) {
        Batch batch;
        batch.job_id = job;
        batch.shard = ++shards;
        batch.key = "k" + std::to_string(shards);
        batch.status = "completed";
        batch.model = model;
        batch.requests = batch.completed = 10;
        batch.input_tokens = 100;
        batch.ended_at = parse_utc_text(collected_at);
        batch.spent.cost = cost;
        if (cost) batch.spent.cost_sync = 2 * *cost;
        batch.spent.cached_tokens = 7;
        batch.spent.unpriced = unpriced;
        ASSERT_TRUE(store->batches.restore(batch));
    }
    std::vector<std::string> names(SpendingBy by) {
        std::vector<std::string> all;
        for (const auto& each : spending(store->database, by, {}).value()) all.push_back(each.name);
        return all;
    }

    testing::TempDir dir;
    std::unique_ptr<Store> store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    std::uint64_t shards = 0;
};

TEST_F(SpendingTest, SumsUpByDayModelQueueAndJobAndAllComeToTheSame) {
    const JobId one = add_job("a", "default"), two = add_job("a", "nightly");
    add_batch(one, "m", "2026-11-26T10:00:00Z", 5);
    add_batch(one, "n", "2026-11-26T12:00:00Z", 7);  // past midnight over there
    add_batch(two, "m", "2026-11-27T08:00:00Z", 11, 3);
    add_batch(two, "o", "2026-11-27T09:00:00Z", std::nullopt, 10);
    EXPECT_EQ(names(SpendingBy::day), (std::vector<std::string>{"2026-11-26", "2026-11-27"}));
    EXPECT_EQ(names(SpendingBy::model), (std::vector<std::string>{"m", "n", "o"}));
    EXPECT_EQ(names(SpendingBy::queue), (std::vector<std::string>{"default", "nightly"}));
    EXPECT_EQ(names(SpendingBy::job), (std::vector<std::string>{"a", "a"}));
    for (const SpendingBy by : {SpendingBy::day, SpendingBy::model, SpendingBy::queue, SpendingBy::job}) {
        Spent sum = Spent::nothing();
        std::uint64_t requests = 0;
        for (const SpendingRow& row : spending(store->database, by, {}).value()) {
            *sum.cost += row.spent.cost.value_or(0);
            *sum.cost_sync += row.spent.cost_sync.value_or(0);
            sum.cached_tokens += row.spent.cached_tokens;
            sum.unpriced += row.spent.unpriced;
            requests += row.requests;
        }
        EXPECT_EQ(sum, (Spent{.cached_tokens = 28, .cost = 23, .cost_sync = 46, .unpriced = 13}));
        EXPECT_EQ(requests, 40U);
        EXPECT_EQ(store->database.query_value<std::int64_t>("SELECT sum(cost) FROM spending").value(), 23);
    }
    const auto by_model = spending(store->database, SpendingBy::model, {}).value();
    EXPECT_EQ(by_model.back().spent.cost, std::nullopt);
}

TEST_F(SpendingTest, LeavesOutWhatIsOlder) {
    const JobId job = add_job("a", "default");
    add_batch(job, "m", "2026-11-26T10:00:00Z", 5);
    add_batch(job, "m", "2026-11-27T10:00:00Z", 7);
    const auto rows =
        spending(store->database, SpendingBy::job, *parse_utc_text("2026-11-27T00:00:00Z")).value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].spent.cost, 7);
    EXPECT_EQ(rows[0].job_id, job);
}

TEST_F(SpendingTest, AJobAddsUpWhatIsKnownOfItsBatches) {
    const JobId job = add_job("a", "default");
    EXPECT_EQ(store->jobs.find(job).value()->spent.cost, std::nullopt);
    store->jobs.add_progress(job, {.spent = {.unpriced = 2}}).value();
    EXPECT_EQ(store->jobs.find(job).value()->spent.cost, std::nullopt);
    store->jobs.add_progress(job, {.spent = {.cached_tokens = 1, .cost = 3, .cost_sync = 6}}).value();
    store->jobs.add_progress(job, {.spent = {.unpriced = 1}}).value();
    store->jobs.add_progress(job, {.spent = {.cached_tokens = 2, .cost = 4, .cost_sync = 8}}).value();
    EXPECT_EQ(store->jobs.find(job).value()->spent,
              (Spent{.cached_tokens = 3, .cost = 7, .cost_sync = 14, .unpriced = 3}));
}

TEST_F(SpendingTest, WhatNobodyCouldPriceIsUnknownAlsoBesideABatchOfWhichNothingRan) {
    const JobId job = add_job("a", "default");
    add_batch(job, "m", "2026-11-26T10:00:00Z", 0);
    EXPECT_EQ(spending(store->database, SpendingBy::model, {}).value().front().spent.cost, 0);
    add_batch(job, "m", "2026-11-26T10:30:00Z", std::nullopt, 10);
    const auto rows = spending(store->database, SpendingBy::model, {}).value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.front().spent.cost, std::nullopt);
    EXPECT_EQ(rows.front().spent.cost_sync, std::nullopt);
    const auto known = store->database.query_value<std::int64_t>(
        "SELECT count(cost) + count(cost_sync) + count(saved) FROM spending");
    EXPECT_EQ(known.value(), 0);
}

}  // namespace
}  // namespace batchd::store
