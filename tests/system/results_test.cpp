#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using ResultsTest = SystemTest;
using Ids = std::vector<std::string>;

TEST_F(ResultsTest, RowsThatFailTransientlyGoOutAgainUntilAllAreAnswered) {
    bench.set("retry.row_attempts", "10");
    bench.provider().change_settings(R"({"fail_rate":0.1,"timeout_rate":0.05})");
    bench.drop("articles", articles(200));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(200));
    EXPECT_GT(bench.database().count("batches"), 1U);
    EXPECT_TRUE(bench.database().has_event("rows_again"));
}

TEST_F(ResultsTest, ARowThatIsRefusedForGoodIsAnErrorAndTheJobIsDone) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":400}]})");
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output_ids(), (Ids{"article_1", "article_3"}));
    EXPECT_EQ(job.error_ids(), (Ids{"article_2"}));
    EXPECT_EQ(job.errors.at(0).status(), 400);
    EXPECT_EQ(bench.job_state("articles"), "done");
    EXPECT_EQ(bench.database().count("batches"), 1U);
}

TEST_F(ResultsTest, TheErrorLineOfTheProviderIsPassedOnUnchanged) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":400}]})");
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    const std::string id = bench.database().value("SELECT error_file_id FROM batches");
    std::string from_provider;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.root() / "provider-1"))
        if (entry.is_regular_file() && entry.path().string().find(id) != std::string::npos)
            from_provider = slurp(entry.path());
    EXPECT_EQ(slurp(bench.outbox() / "articles/errors.jsonl"), from_provider);
}

TEST_F(ResultsTest, AJobWhoseEveryRequestFailedIsPublishedAsFailed) {
    bench.provider().change_settings(R"({"rows":[{"match":"*","status":400}]})");
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 1);
    const PublishedJob job = bench.published("articles");
    EXPECT_TRUE(job.output.empty());
    EXPECT_EQ(job.error_ids(), article_ids(3));
    EXPECT_EQ(bench.job_state("articles"), "failed");
    EXPECT_FALSE(job.summary.at("reason").is_null());
}

TEST_F(ResultsTest, ARowThatNeverSucceedsIsAnErrorAfterItsLastAttempt) {
    bench.set("retry.row_attempts", "3");
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":500}]})");
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").error_ids(), (Ids{"article_2"}));
    EXPECT_EQ(bench.published("articles").errors.at(0).status(), 500);
    EXPECT_EQ(
        bench.report().at("rows").as_object().at("articles").as_object().at("article_2").to_number<int>(), 3);
}

TEST_F(ResultsTest, WhatAnExpiredBatchLeftUndoneIsSentAgain) {
    bench.provider().change_settings(R"({"expire_batch":[1],"expire_done":0.4})");
    bench.drop("articles", articles(10));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(10));
    EXPECT_EQ(
        bench.database().rows("SELECT attempt, status, requests, completed FROM batches ORDER BY attempt"),
        (std::vector<Database::Row>{{"1", "expired", "10", "4"}, {"2", "completed", "6", "6"}}));
}

TEST_F(ResultsTest, ABatchThatExpiresWithNothingDoneIsSentAgain) {
    bench.provider().change_settings(R"({"expire_batch":[1],"expire_done":0})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(ResultsTest, RowsWithStatusZeroAreNoAnswers) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_3","kind":"status_zero","runs_max":1}]})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_EQ(bench.database().count("batches"), 2U);
}

TEST_F(ResultsTest, ARowInNeitherFileIsLostAndNotPaidAgain) {
    bench.set("retry.result_patience", "\"1s\"");
    bench.provider().change_settings(R"({"rows":[{"match":"article_3","kind":"missing"}]})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output_ids(), (Ids{"article_1", "article_2", "article_4", "article_5"}));
    EXPECT_EQ(job.error_ids(), (Ids{"article_3"}));
    EXPECT_EQ(job.errors.at(0).error_code(), "answer_lost");
    EXPECT_EQ(bench.database().rows("SELECT requests, lost FROM batches"),
              (std::vector<Database::Row>{{"5", "1"}}));
    EXPECT_TRUE(bench.database().has_event("answers_lost"));
}

TEST_F(ResultsTest, UnknownAndRepeatedRowsAreReportedAndNotPassedOn) {
    bench.provider().change_settings(R"({"unknown_row":true,"rows":[{"match":"article_2","kind":"twice"}]})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_TRUE(bench.database().has_event("rows_unexpected", "nobody-sent-this"));
}

TEST_F(ResultsTest, ARowIsJudgedByItsContentAndNotByItsFile) {
    bench.provider().change_settings(
        R"({"errors_in_output":true,"rows":[)"
        R"({"match":"article_2","kind":"misplaced","status":404},)"
        R"({"match":"article_4","kind":"misplaced","status":503,"runs_max":1}]})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output_ids(), (Ids{"article_1", "article_3", "article_4", "article_5"}));
    EXPECT_EQ(job.error_ids(), (Ids{"article_2"}));
}

TEST_F(ResultsTest, BlankLinesAMissingLastLineEndAndEmptyIdsOfFilesDoNotMatter) {
    for (const char* absent : {"null", "", "empty_file"}) {
        const std::string name = "absent-" + std::string(absent);
        bench.provider().change_settings(R"({"blank_line":true,"final_newline":false,"absent_file":")" +
                                         std::string(absent) + "\"}");
        bench.drop(name, articles(5));
        EXPECT_EQ(bench.run_once(), 0);
        EXPECT_EQ(bench.published(name).output_ids(), article_ids(5));
    }
}

TEST_F(ResultsTest, ABatchThatSomebodyElseCancelledGoesOutAgain) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(4));
    bench.start({"run", "--once"});
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    const std::string id = bench.database().value("SELECT batch_id FROM batches");
    bench.cancel_at_provider(id);
    bench.provider().change_settings(R"({"in_progress":0})");
    EXPECT_EQ(bench.daemon().wait_for_exit(kDeadline), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(4));
}

TEST_F(ResultsTest, ASingleRunThatIsStoppedBeforeAllIsDoneDoesNotSayThatItIs) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(4));
    bench.start({"run", "--once"});
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    EXPECT_EQ(bench.stop(), 1);
    EXPECT_NE(bench.log().find("stopped before all was done"), std::string::npos) << bench.log();
    bench.provider().advance_clock(std::chrono::hours(2));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(4));
}

}  // namespace
}  // namespace batchd::testing
