// Refusals that pass, and failures of the provider's own: nothing ran, and so it is tried again.
#include <boost/json/value.hpp>

#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

class PassingRefusalTest : public LyingTableTest {};

TEST_P(PassingRefusalTest, IsTriedAgainAndTheJobIsDone) {
    make(GetParam());
    run_one_job(3);
    expect_answered("in", 3);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

std::string refusal(const std::string& route, int times, int status, const std::string& body) {
    return R"({"action":"status","route":")" + route + R"(","times":)" + std::to_string(times) +
           R"(,"status":)" + std::to_string(status) + R"(,"body":)" + body + "}";
}

const std::string kRefusedCreate = "POST /v1/batches";
const std::string kRefusedUpload = "POST /v1/files";
const std::string kRefusalPage = R"("<html><body>Bad gateway rules</body></html>")";
const std::string kProcessed = R"({"error":{"message":"File is still being processed","type":"conflict"}})";
const std::string kConflict = R"({"error":{"message":"Conflict","code":"conflict"}})";
const std::string kServerError =
    R"({"fail_batch":[1],"fail_errors":[{"code":"server_error","message":"Oops."}]})";

INSTANTIATE_TEST_SUITE_P(
    EachRefusal, PassingRefusalTest,
    ::testing::Values(
        Trouble{.name = "FileStillProcessedTwice", .faults = {refusal(kRefusedCreate, 2, 409, kProcessed)}},
        Trouble{.name = "FileStillProcessedAsBadRequest",
                .faults = {refusal(kRefusedCreate, 2, 400, kProcessed)}},
        Trouble{.name = "Conflict", .faults = {refusal(kRefusedCreate, 1, 409, kConflict)}},
        Trouble{.name = "CreatePage400", .faults = {refusal(kRefusedCreate, 1, 400, kRefusalPage)}},
        Trouble{.name = "CreatePage403", .faults = {refusal(kRefusedCreate, 1, 403, kRefusalPage)}},
        Trouble{.name = "CreatePage405", .faults = {refusal(kRefusedCreate, 1, 405, kRefusalPage)}},
        Trouble{.name = "CreatePage421", .faults = {refusal(kRefusedCreate, 1, 421, kRefusalPage)}},
        Trouble{.name = "UploadPage400Twice", .faults = {refusal(kRefusedUpload, 2, 400, kRefusalPage)}},
        Trouble{.name = "UploadPage405", .faults = {refusal(kRefusedUpload, 1, 405, kRefusalPage)}},
        Trouble{.name = "UploadPage413", .faults = {refusal(kRefusedUpload, 1, 413, kRefusalPage)}},
        Trouble{.name = "UploadConflict", .faults = {refusal(kRefusedUpload, 1, 409, kConflict)}},
        Trouble{.name = "BatchFailedByTheServer", .settings = {kServerError}},
        Trouble{.name = "BatchFailedByTheServerWithEmptyFiles",
                .settings = {kServerError, R"({"failed_files":"empty"})"}},
        Trouble{.name = "BatchFailedTwice", .settings = {kServerError, R"({"fail_batch":[1,2]})"}}),
    name_of);

/// Rows that came back without an answer, for a reason that passes.
class PassingRowErrorTest : public LyingTableTest {};

TEST_P(PassingRowErrorTest, IsSentAgain) {
    make(GetParam());
    run_one_job(3);
    expect_answered("in", 3);
    EXPECT_EQ(creates(), 2U);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

Trouble row_error(const std::string& name, const std::string& code) {
    return {.name = name,
            .settings = {R"({"rows":[{"match":"*","status":200,"runs_max":1,"set":{"response":null,"error":)"
                         R"({"message":"not now","code":)" +
                         code + "}}}]}"}};
}

INSTANTIATE_TEST_SUITE_P(EachCode, PassingRowErrorTest,
                         ::testing::Values(row_error("ServerError", R"("server_error")"),
                                           row_error("RateLimit", R"("rate_limit_exceeded")"),
                                           row_error("Number429", "429"), row_error("Number500", "500"),
                                           row_error("NumberAsText", R"("503")"),
                                           row_error("Timeout", R"("timeout")")),
                         name_of);

class RefusalTest : public LyingTest {};

TEST_F(RefusalTest, AFailedBatchWithFilesIsReadForItsReason) {
    manner(R"({"fail_batch":[1,2,3,4,5,6,7,8],"failed_files":"empty",)"
           R"("fail_errors":[{"code":"model_not_found","message":"There is no such deployment."}]})");
    run_one_job(3);
    EXPECT_EQ(bench.job_state("in"), "failed");
    const std::string reason = bench.database().value("SELECT reason FROM jobs");
    EXPECT_NE(reason.find("no such deployment"), std::string::npos) << reason;
}

TEST_F(RefusalTest, ALimitInMillionsIsReadAsMillions) {
    manner(R"({"fail_batch":[1],"fail_errors":[{"code":"token_limit_exceeded","message":)"
           R"("Enqueued token limit reached for gpt-4o-mini. Limit: 1.5M enqueued tokens."}]})");
    run_one_job(10);
    expect_answered("in", 10);
    EXPECT_LE(creates(), 3U);
}

TEST_F(RefusalTest, LinesThatOnlyTheMessageNamesFailAndNoOthers) {
    manner(R"({"error_lines":"message"})");
    const auto bad = [](const std::string& id) {
        return R"({"custom_id":")" + id + R"(","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini"}})";
    };
    bench.drop("in", file_of({chat_line("a"), bad("b"), chat_line("c"), bad("d"), chat_line("e")}));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("in").output_ids(), (Ids{"a", "c", "e"}));
    EXPECT_EQ(bench.published("in").error_ids(), (Ids{"b", "d"}));
}

TEST_F(RefusalTest, WhereNoLineIsNamedTheShardIsHalvedUntilTheBadOnesAreFound) {
    manner(R"({"error_lines":"none","validation_errors":"first"})");
    Ids lines;
    for (unsigned i = 1; i <= 12; ++i) lines.push_back(chat_line("r-" + std::to_string(i)));
    lines[6] = R"({"custom_id":"bad","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini"}})";
    bench.drop("in", file_of(lines));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("in").output.size(), 11U);
    EXPECT_EQ(bench.published("in").error_ids(), (Ids{"bad"}));
}

TEST_F(RefusalTest, AModelThatIsForbiddenClosesNothing) {
    manner(R"({"forbidden_models":["gpt-4o"]})");
    bench.drop("forbidden", file_of({chat_line("a", "gpt-4o"), chat_line("b", "gpt-4o")}));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("forbidden"), "failed");
    bench.drop("in", rows(3));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    expect_answered("in", 3);
    EXPECT_FALSE(bench.database().has_event("provider_closed"));
}

}  // namespace
}  // namespace batchd::testing
