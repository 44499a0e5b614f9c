// Copies of a provider, and gateways before it, that forget what was shown before, or say two things at once.
#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

class ForgetfulCopyTest : public LyingTest {};

/// The list names the output file, which has two lines as yet; asked by its id, the batch names none any
/// more.
TEST_F(ForgetfulCopyTest, WhatWasFetchedOfAFileThatIsNotNamedAgainIsKept) {
    lie(R"({"about":"content","of":"output","lines":2,"times":-1})");
    lie(R"({"about":"batch","in":["get"],"when":{"status":"completed"},"skip":1,"times":-1,"set":)"
        R"({"output_file_id":null,"request_counts":{"total":0,"completed":0,"failed":0}}})");
    run_one_job(3);
    const PublishedJob job = bench.published("in");
    EXPECT_EQ(job.output.size(), 2U) << "whichever two the provider had written first";
    ASSERT_EQ(job.errors.size(), 1U);
    EXPECT_EQ(job.errors.at(0).error_code(), "answer_lost");
    EXPECT_EQ(creates(), 1U);
}

TEST_F(ForgetfulCopyTest, AnAnswerStandsThoughItsRequestIsSaidNotToHaveRun) {
    manner(R"({"rows":[{"match":"r-1","status":200,"set":{"error":{"code":"batch_expired","message":"m"}}},)"
           R"({"match":"r-2","status":200,"set":{"error":{"code":"batch_cancelled","message":"m"}}}]})");
    run_one_job(3);
    expect_answered("in", 3);
    EXPECT_EQ(creates(), 1U);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

TEST_F(ForgetfulCopyTest, ADownloadThatIsCutEachTimeAndCannotGoOnIsAskedForWithPauses) {
    manner(R"({"answer_bytes":60000})");
    fault(R"({"route":"GET /v1/files/*/content","action":"truncate","bytes":100000,"times":-1})");
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("waiting", "download of"));
    bench.provider().clear_faults();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_answered("in", 3);
}

}  // namespace
}  // namespace batchd::testing
