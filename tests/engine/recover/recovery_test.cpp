#include "engine/recover/recovery.hpp"

#include <gtest/gtest.h>

#include "engine/attempt_key.hpp"
#include "engine/bundle/bundle_file.hpp"
#include "engine/origin.hpp"
#include "engine/plan/plan_file.hpp"
#include "engine/terms/terms.hpp"
#include "jsonl/rows/row_file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

using testing::TempDir;

constexpr const char* kLostKey = "6f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a11";
constexpr TimePoint kRecoveredAt{std::chrono::seconds(1'800'000'000)};

struct RecoveryTest : ::testing::Test {
    RecoveryTest() {
        spool.outbox = dir.path() / "outbox";
        spool.rejected = dir.path() / "rejected";
        std::filesystem::create_directories(layout.work_directory(kLostKey));
        std::filesystem::create_directories(spool.outbox);
        store = store::open_store(layout.database(), store::OpenMode::read_write).value();
    }
    RecoveryReport run() { return recover(layout, settings, *store, kRecoveredAt).value(); }
    void name(const std::string& file_name) {
        std::filesystem::create_symlink(file_name, layout.name_link(kLostKey));
    }
    void input() { ASSERT_TRUE(replace_file(layout.input(kLostKey), "{}\n")); }
    store::Job recovered() { return store->jobs.find_by_key(kLostKey).value().value(); }
    std::vector<store::DueJob> that_count_in_the_budget() {
        const TimePoint let_go = recovered().created_at;
        return store->budgets.unestimated("nightly", let_go, let_go + std::chrono::hours(1)).value();
    }

    TempDir dir;
    spool::Layout layout{dir.path()};
    config::Settings settings;
    config::Spool& spool = settings.spool;
    std::unique_ptr<store::Store> store;
};

TEST_F(RecoveryTest, AClaimedFileIsAClaimedJobUnderItsName) {
    name("nightly eval.jsonl");
    input();
    EXPECT_EQ(run().open, 1U);
    EXPECT_EQ(recovered().state, store::JobState::claimed);
    EXPECT_EQ(recovered().name, "nightly eval");
    EXPECT_EQ(recovered().recovered_at, kRecoveredAt);
}

TEST_F(RecoveryTest, WhatWasMadeOfAnotherJobKnowsItAndGoesByItsTerms) {
    store::Job first;
    first.key = "0f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a22";
    first.name = "eval";
    Terms terms;
    terms.queue = "nightly";
    terms.provider = "azure";
    first.terms = to_json(terms);
    first.id = store->jobs.add(first).value();
    name("nightly/eval.jsonl");
    input();
    ASSERT_TRUE(note_origin(layout, kLostKey, {Origin::Kind::retry, first.key}));
    EXPECT_EQ(run().open, 1U);
    EXPECT_EQ(recovered().retry_of, first.id);
    EXPECT_EQ(recovered().queue, "nightly");
    EXPECT_EQ(recovered().provider, "azure");
    EXPECT_FALSE(recovered().chained_from);
}

TEST_F(RecoveryTest, WhatWasMadeOfTheAnswersOfAnotherJobGoesByTheTermsOfItsOwnQueue) {
    store::Job first;
    first.key = "0f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a22";
    first.name = "eval";
    first.terms = to_json(Terms{});
    first.id = store->jobs.add(first).value();
    settings.queues["nightly"];
    name("nightly/eval.jsonl");
    input();
    ASSERT_TRUE(note_origin(layout, kLostKey, {Origin::Kind::next, first.key}));
    EXPECT_EQ(run().open, 1U);
    EXPECT_EQ(recovered().chained_from, first.id);
    EXPECT_EQ(recovered().queue, "nightly");
}

TEST_F(RecoveryTest, AClaimedFileOfAQueueGoesToTheProviderOfItsQueue) {
    settings.providers["azure"].models = {{"small", "my-deployment"}};
    settings.queues["nightly"].provider = "azure";
    name("nightly/eval.jsonl");
    input();
    EXPECT_EQ(run().open, 1U);
    EXPECT_EQ(recovered().queue, "nightly");
    EXPECT_EQ(recovered().provider, "azure");
    EXPECT_EQ(read_terms(recovered().terms).value().models.at("small"), "my-deployment");
}

TEST_F(RecoveryTest, AClaimedFileOfAQueueThatIsGoneIsLeftAndNamed) {
    name("nightly/eval.jsonl");
    input();
    const RecoveryReport report = run();
    EXPECT_EQ(report.open, 0U);
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_NE(report.left[0].find("put [queue.nightly] back"), std::string::npos) << report.left[0];
    settings.queues["nightly"];
    EXPECT_EQ(run().open, 1U);
    EXPECT_EQ(recovered().queue, "nightly");
}

struct RecoveryOfAQueueTest : RecoveryTest {
    RecoveryOfAQueueTest() {
        settings.queues["nightly"].schedule = "0 2 * * *";
        name("nightly/eval.jsonl");
        input();
        Plan plan;
        plan.terms.queue = "nightly";
        plan.totals = {.requests = 1, .size_bytes = 3};
        plan.shards = {{.number = 1, .endpoint = "/v1/x", .model = "m", .requests = 1, .size_bytes = 3}};
        EXPECT_TRUE(write_plan_file(layout.plan(kLostKey), plan));
        prepared(kLostKey);
    }
    void prepared(const std::string& key) {
        std::filesystem::create_directories(layout.work_directory(key));
        const Path path = layout.shard_file(key, {1, 1}, spool::ShardFile::prepared);
        auto writer = jsonl::RowFileWriter::create(path).value();
        EXPECT_TRUE(writer.append(1, {}, "{}"));
        EXPECT_TRUE(writer.commit());
    }
};

TEST_F(RecoveryOfAQueueTest, WhatWaitedForItsTimeWaitsAgain) {
    EXPECT_EQ(run().open, 1U);
    EXPECT_TRUE(store->batches.of_job(recovered().id).value().empty());
    const auto waiting = store->waiting_jobs.by_queue().value();
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting[0].queue, "nightly");
}

TEST_F(RecoveryOfAQueueTest, WhatWasOnItsWayGoesOnAndCountsInTheBudget) {
    ASSERT_TRUE(replace_file(layout.shard_file(kLostKey, {1, 1}, spool::ShardFile::batch_id), "batch_1"));
    EXPECT_EQ(run().open, 1U);
    const store::Job job = recovered();
    EXPECT_EQ(store->batches.of_job(job.id).value().size(), 1U);
    const auto counts = that_count_in_the_budget();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts[0].id, job.id);
}

TEST_F(RecoveryOfAQueueTest, WhatWaitsAgainIsInNoBudgetYet) {
    EXPECT_EQ(run().open, 1U);
    EXPECT_TRUE(that_count_in_the_budget().empty());
}

TEST_F(RecoveryOfAQueueTest, WhatSharesABatchGoesOnInIt) {
    const std::string bundle = "0f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a22";
    prepared(bundle);
    ASSERT_TRUE(write_bundle_file(layout.bundle(bundle), {.provider = "default",
                                                          .endpoint = "/v1/x",
                                                          .model = "m",
                                                          .estimated_tokens = 1,
                                                          .members = {{kLostKey, 1, 1}}}));
    EXPECT_EQ(run().open, 1U);
    EXPECT_TRUE(store->waiting_jobs.by_queue().value().empty());
    EXPECT_EQ(that_count_in_the_budget().size(), 1U);
    EXPECT_EQ(store->parts.of_bundles(recovered().id).value().size(), 1U);
}

TEST_F(RecoveryTest, APlannedJobHasTheFirstAttemptsOfItsPlan) {
    name("articles.jsonl");
    input();
    Plan plan;
    plan.totals = {.requests = 7, .bad_lines = 1, .size_bytes = 900, .sha256 = "abc"};
    plan.shards = {{.number = 1,
                    .endpoint = "/v1/x",
                    .model = "m",
                    .requests = 4,
                    .size_bytes = 400,
                    .embedding_inputs = 0,
                    .estimated_tokens = 100},
                   {.number = 2,
                    .endpoint = "/v1/y",
                    .model = "n",
                    .requests = 3,
                    .size_bytes = 300,
                    .embedding_inputs = 0,
                    .estimated_tokens = 75}};
    ASSERT_TRUE(write_plan_file(layout.plan(kLostKey), plan));
    EXPECT_EQ(run().open, 1U);
    const store::Job job = recovered();
    EXPECT_EQ(job.state, store::JobState::planned);
    EXPECT_EQ(job.requests, 8U);
    EXPECT_EQ(job.failed, 1U);
    EXPECT_EQ(job.sha256, "abc");
    const auto batches = store->batches.of_job(job.id).value();
    ASSERT_EQ(batches.size(), 2U);
    EXPECT_EQ(batches[1].key, attempt_key(kLostKey, {2, 1}));
    EXPECT_EQ(batches[1].endpoint, "/v1/y");
    EXPECT_EQ(batches[1].requests, 3U);
    EXPECT_EQ(batches[1].phase, store::BatchPhase::planned);
}

TEST_F(RecoveryTest, ASecondTimeFindsNothingMore) {
    name("articles.jsonl");
    input();
    EXPECT_EQ(run().open, 1U);
    const RecoveryReport again = run();
    EXPECT_EQ(again.open + again.ended, 0U);
    EXPECT_TRUE(again.left.empty());
}

TEST_F(RecoveryTest, AFileWithoutAnUsableNameGetsOneOfOurs) {
    name("../../etc/passwd.jsonl");
    input();
    EXPECT_EQ(run().open, 1U);
    EXPECT_EQ(recovered().name, "recovered-6f0c1c4e");
}

TEST_F(RecoveryTest, AFolderWithNothingButANameIsNoJob) {
    name("articles.jsonl");
    ASSERT_TRUE(note_origin(layout, kLostKey, {Origin::Kind::rest, "0f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a22"}));
    const RecoveryReport report = run();
    EXPECT_EQ(report.open, 0U);
    EXPECT_TRUE(report.left.empty());
}

TEST_F(RecoveryTest, AFolderWithoutInputAndPlanIsLeftAndNamed) {
    ASSERT_TRUE(replace_file(layout.work_directory(kLostKey) / "something", "x"));
    const RecoveryReport report = run();
    EXPECT_EQ(report.open, 0U);
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_NE(report.left[0].find(kLostKey), std::string::npos);
}

TEST_F(RecoveryTest, APlanThatCannotBeReadIsLeftAndNamedAndHoldsUpNoOther) {
    const std::string other = "0f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a22";
    for (const std::string& key : {std::string(kLostKey), other}) {
        std::filesystem::create_directories(layout.work_directory(key));
        std::filesystem::create_symlink("articles.jsonl", layout.name_link(key));
        ASSERT_TRUE(replace_file(layout.input(key), "{}\n"));
    }
    ASSERT_TRUE(replace_file(layout.plan(kLostKey), "{\"requests\":"));
    const RecoveryReport report = run();
    EXPECT_EQ(report.open, 1U);
    EXPECT_TRUE(store->jobs.find_by_key(other).value());
    EXPECT_FALSE(store->jobs.find_by_key(kLostKey).value());
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_NE(report.left[0].find(layout.plan(kLostKey).string()), std::string::npos);
    std::filesystem::remove(layout.plan(kLostKey));
    EXPECT_EQ(run().open, 1U) << "once it is put right";
}

TEST_F(RecoveryTest, APlanThatCannotBeReadOfAJobThatSharesABatchStopsItBeforeAnythingIsAdded) {
    const std::string bundle = "0f0c1c4e-5d0a-4c39-9a53-0d2b6f5f7a22";
    std::filesystem::create_directories(layout.work_directory(bundle));
    ASSERT_TRUE(write_bundle_file(layout.bundle(bundle), {.provider = "default",
                                                          .endpoint = "/v1/x",
                                                          .model = "m",
                                                          .estimated_tokens = 1,
                                                          .members = {{kLostKey, 1, 1}}}));
    name("articles.jsonl");
    input();
    ASSERT_TRUE(replace_file(layout.plan(kLostKey), "{\"requests\":"));
    EXPECT_FALSE(recover(layout, settings, *store, kRecoveredAt));
    EXPECT_EQ(store->jobs.count_all().value(), 0U);
    EXPECT_TRUE(file_exists(layout.bundle(bundle)).value());
}

TEST_F(RecoveryTest, AFolderInTheOutboxThatIsNotOursIsLeftAndNamedWhereItClaimsToBe) {
    std::filesystem::create_directories(spool.outbox / "holiday pictures");
    std::filesystem::create_directories(spool.outbox / "articles");
    ASSERT_TRUE(replace_file(spool.outbox / "articles/job.json", R"({"key":"no","state":"done"})"));
    const RecoveryReport report = run();
    EXPECT_EQ(report.ended, 0U);
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_NE(report.left[0].find("articles"), std::string::npos);
}

}  // namespace
}  // namespace batchd::engine
