// Answers of unusual shape that are answers all the same.
#include <boost/json/value.hpp>

#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

class OddShapeTest : public LyingTableTest {};

TEST_P(OddShapeTest, IsTakenForWhatItIs) {
    make(GetParam());
    run_one_job(3);
    expect_answered("in", 3);
    EXPECT_EQ(creates(), 1U);
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 1U);
}

Trouble rows_with(const std::string& name, const std::string& members) {
    return {.name = name, .settings = {R"({"rows":[{"match":"*","status":200,"set":)" + members + "}]}"}};
}

INSTANTIATE_TEST_SUITE_P(
    EachShape, OddShapeTest,
    ::testing::Values(
        rows_with("EmptyErrorObject", R"({"error":{}})"), rows_with("EmptyErrorArray", R"({"error":[]})"),
        rows_with("EmptyErrorText", R"({"error":""})"),
        rows_with("ErrorOfEmptyTexts", R"({"error":{"code":"","message":""}})"),
        rows_with("ErrorOfNulls", R"({"error":{"code":null,"message":null}})"),
        rows_with("StatusCodeAsText", R"({"response.status_code":"200"})"),
        Trouble{.name = "LongIdsEverywhere",
                .settings = {R"({"batch_id_length":320,"file_id_length":320,"result_file_id_length":320})"}},
        Trouble{.name = "LongIdsOfResultFiles", .settings = {R"({"result_file_id_length":600})"}},
        Trouble{.name = "VeryLongIdsEverywhere",
                .settings = {R"({"batch_id_length":610,"file_id_length":610,"result_file_id_length":610})"}},
        Trouble{.name = "IdsOfNineHundredCharacters", .settings = {R"({"batch_id_length":900})"}},
        Trouble{.name = "FieldsOfWrongTypes",
                .settings = {R"({"in_progress":1})"},
                .lies = {R"({"about":"batch","times":-1,"set":{"expires_at":"soon","request_counts":[],)"
                         R"("errors":"none","usage":7,"created_at":null}})"}}),
    name_of);

/// A gateway that tries again by itself: two batches of one create, both with our mark.
class GatewayTwinTest : public LyingTest {};

TEST_F(GatewayTwinTest, TheSecondOneIsCancelledBeforeItRuns) {
    manner(R"({"twin_batch":[1],"validating":3600})");
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("twin_cancelled"));
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_answered("in", 3);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

}  // namespace
}  // namespace batchd::testing
