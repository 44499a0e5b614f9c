// An end that is shown before its files are, or with files that are not what they will be.
#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

/// The first looks at a batch that has ended, or at its files, show too little.
class EarlyEndTest : public LyingTableTest {};

TEST_P(EarlyEndTest, IsLookedAtAgainAndNothingIsSentTwice) {
    make(GetParam());
    run_one_job(3);
    expect_answered("in", 3);
    EXPECT_EQ(creates(), 1U);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

const char* const kNoFiles =
    R"({"about":"batch","when":{"status":"completed"},"set":{"output_file_id":null,"error_file_id":null}})";

INSTANTIATE_TEST_SUITE_P(
    EachLie, EarlyEndTest,
    ::testing::Values(
        Trouble{.name = "NoFileIdsAtTheFirstLook", .lies = {kNoFiles}},
        Trouble{.name = "EmptyFileIdsForTwoLooks",
                .lies = {R"({"about":"batch","when":{"status":"completed"},"times":2,)"
                         R"("set":{"output_file_id":"","error_file_id":""}})"}},
        Trouble{.name = "FileIdsOfAnotherType",
                .lies = {R"({"about":"batch","when":{"status":"completed"},"set":{"output_file_id":7}})"}},
        Trouble{.name = "NoFileIdsAndNoCountsForFourLooks",
                .lies = {R"({"about":"batch","when":{"status":"completed"},"times":4,"set":)"
                         R"({"output_file_id":null,"error_file_id":null,"request_counts":)"
                         R"({"total":0,"completed":0,"failed":0}}})"}},
        Trouble{.name = "NoCountsAtAll",
                .lies = {R"({"about":"batch","when":{"status":"completed"},"times":2,)"
                         R"("set":{"output_file_id":null},"drop":["request_counts"]})"}},
        Trouble{.name = "CompletedBeforeItIs",
                .settings = {R"({"in_progress":1})"},
                .lies = {R"({"about":"batch","in":["get"],"when":{"status":"in_progress"},)"
                         R"("set":{"status":"completed"}})"}},
        Trouble{.name = "ExpiredBeforeItIs",
                .settings = {R"({"in_progress":1})"},
                .lies = {R"({"about":"batch","in":["get"],"when":{"status":"in_progress"},)"
                         R"("set":{"status":"expired"}})"}},
        Trouble{.name = "FirstLineOnly", .lies = {R"({"about":"content","of":"output","lines":1})"}},
        Trouble{.name = "NoLineForTwoDownloads",
                .lies = {R"({"about":"content","of":"output","lines":0,"times":2})"}},
        Trouble{
            .name = "EmptyAnswer",
            .faults = {R"({"route":"GET /v1/files/*/content","action":"status","status":200,"body":""})"}},
        Trouble{.name = "HtmlPage",
                .faults = {R"({"route":"GET /v1/files/*/content","action":"status","status":200,)"
                           R"("body":"<html><body>Please log in</body></html>"})"}},
        Trouble{.name = "ErrorObjectWithGoodStatus",
                .faults = {R"({"route":"GET /v1/files/*/content","action":"status","status":200,)"
                           R"("body":{"error":{"message":"not ready","type":"server_error"}}})"}},
        Trouble{.name = "HalfOfTheBytes",
                .faults = {R"({"route":"GET /v1/files/*/content","action":"half"})"}},
        Trouble{.name = "EveryLineGarbageOnce", .lies = {R"({"about":"content","damage":"garbage"})"}},
        Trouble{.name = "OneLineCutOnce",
                .lies = {R"({"about":"content","damage":"cut","bytes":60,"match":"r-2"})"}}),
    name_of);

class EarlyEndsTest : public LyingTest {};

TEST_F(EarlyEndsTest, RowsOfAListingWithoutFileIdsAreNoProof) {
    manner(R"({"in_progress":1})");
    lie(R"({"about":"batch","in":["list"],"times":-1,"set":{"output_file_id":null,"error_file_id":null}})");
    run_jobs(4, 2);
    for (const char* name : {"job-1", "job-2", "job-3", "job-4"}) expect_answered(name, 2);
    EXPECT_EQ(creates(), 4U);
}

TEST_F(EarlyEndsTest, TheFinishedHalfOfAnExpiredBatchIsFetchedOnceItShows) {
    manner(R"({"expire_batch":[1]})");
    lie(R"({"about":"batch","when":{"status":"expired"},"set":{"output_file_id":null,"error_file_id":null}})");
    run_one_job(10);
    expect_answered("in", 10);
    EXPECT_EQ(creates(), 2U);
    EXPECT_EQ(bench.database().value("SELECT requests FROM batches WHERE attempt = 2"), "5");
}

TEST_F(EarlyEndsTest, AnErrorFileThatComesEmptyIsFetchedAgain) {
    manner(R"({"rows":[{"match":"r-2","status":400}]})");
    lie(R"({"about":"content","of":"errors","lines":0})");
    run_one_job(2);
    const PublishedJob job = bench.published("in");
    EXPECT_EQ(job.output_ids(), (Ids{"r-1"}));
    EXPECT_EQ(job.error_ids(), (Ids{"r-2"}));
    EXPECT_EQ(job.errors.at(0).status(), 400);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(EarlyEndsTest, WhatWasNotReadIsNotDeleted) {
    bench.set("provider.delete_files", "true");
    fault(R"({"route":"GET /v1/files/*/content","action":"status","status":404,)"
          R"("body":"<html><h1>404 Not Found</h1></html>"})");
    run_one_job(3);
    expect_answered("in", 3);
}

TEST_F(EarlyEndsTest, FilesThatNeverAppearLoseTheAnswersAndSendNothingTwice) {
    lie(R"({"about":"batch","when":{"status":"completed"},"times":-1,"set":{"output_file_id":null}})");
    run_one_job(3);
    const PublishedJob job = bench.published("in");
    EXPECT_EQ(job.error_ids(), row_ids(3));
    for (const ResultLine& line : job.errors) EXPECT_EQ(line.error_code(), "answer_lost");
    EXPECT_EQ(creates(), 1U);
}

TEST_F(EarlyEndsTest, RowsThatAreInNoFileAreLostAndNotSentTwice) {
    manner(R"({"rows":[{"match":"r-2","kind":"missing"}]})");
    run_one_job(3);
    const PublishedJob job = bench.published("in");
    EXPECT_EQ(job.output_ids(), (Ids{"r-1", "r-3"}));
    EXPECT_EQ(job.error_ids(), (Ids{"r-2"}));
    EXPECT_EQ(job.errors.at(0).error_code(), "answer_lost");
    EXPECT_EQ(creates(), 1U);
}

}  // namespace
}  // namespace batchd::testing
