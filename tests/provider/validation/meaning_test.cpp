#include "provider/validation/meaning.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

TEST(MeaningTest, OfACodeIsTheSameHoweverItIsWritten) {
    for (const auto* code : {"server_error", "InternalServerError", "INTERNAL_ERROR"})
        EXPECT_TRUE(is_servers_fault({.code = code, .message = "…"})) << code;
    for (const auto* code : {"DeploymentNotFound", "deployment_not_found", "model_not_found"})
        EXPECT_TRUE(is_about_all({.code = code, .message = "…"})) << code;
}

TEST(MeaningTest, IsInTheTextOfThoseWhoHaveNoCode) {
    EXPECT_TRUE(is_token_limit({.message = "Enqueued token limit reached for gpt-4o-mini"}));
    EXPECT_TRUE(is_servers_fault({.message = "Internal server error"}));
    EXPECT_TRUE(is_about_model({.message = "The model m is not supported by the Batch API"}));
    EXPECT_TRUE(is_servers_fault({})) << "it says nothing, and so nothing about the batch";
}

TEST(MeaningTest, OfAFileThatIsNotFoundIsNotThatOfALine) {
    const ValidationError lost{.code = "invalid_request", .message = "Cannot find file file-1"};
    ValidationError of_a_line = lost;
    of_a_line.line = 3;
    EXPECT_TRUE(is_lost_file(lost));
    EXPECT_FALSE(is_lost_file(of_a_line));
    EXPECT_TRUE(is_lost_file({.code = "file_not_found", .message = "…"}));
    EXPECT_TRUE(is_lost_file({.code = "invalid_request", .message = "The input file was not found"}));
    EXPECT_FALSE(is_lost_file({.code = "file_not_found", .message = "…", .line = 3}));
}

TEST(MeaningTest, OfALineIsNothingOfAllThat) {
    const ValidationError bad{.code = "invalid_json_line", .message = "not parseable as JSON", .line = 1};
    for (const auto is :
         {is_token_limit, is_quota, is_servers_fault, is_about_all, is_lost_file, is_about_model})
        EXPECT_FALSE(is(bad));
}

TEST(MeaningTest, OfABillIsForWhoeverPaysIt) {
    for (const auto* code : {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
        EXPECT_TRUE(is_quota({.code = code, .message = "…"})) << code;
}

}  // namespace
}  // namespace batchd::provider
