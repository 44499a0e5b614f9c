#include "engine/ended_batch.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using Kind = Ending::Kind;
using provider::ValidationError;

store::Batch batch_in(const std::string& status) {
    store::Batch batch;
    batch.batch_id = "batch_1";
    batch.status = status;
    batch.requests = 5;
    batch.error = "first: what was wrong";
    return batch;
}

Kind kind_of_failed(const ValidationError& error, std::uint64_t setbacks = 0) {
    store::Batch batch = batch_in("failed");
    batch.setbacks = setbacks;
    return judge(batch, {error}).kind;
}

TEST(EndedBatchTest, WhatRanHasAnswers) {
    for (const auto* status : {"completed", "expired", "cancelled", "canceled", "COMPLETED"})
        EXPECT_EQ(judge(batch_in(status), {}).kind, Kind::answers) << status;
}

TEST(EndedBatchTest, AFailedBatchWithAResultFileHasAnswers) {
    store::Batch batch = batch_in("failed");
    batch.error_file_id = "file-1";
    EXPECT_EQ(judge(batch, {}).kind, Kind::answers);
    batch.error_file_id.clear();
    batch.output_file_id = "file-2";
    EXPECT_EQ(judge(batch, {}).kind, Kind::answers);
}

TEST(EndedBatchTest, ARefusedBatchIsGivenUpInTheProvidersWords) {
    const Ending ending = judge(batch_in("refused"), {});
    EXPECT_EQ(ending.kind, Kind::give_up);
    EXPECT_EQ(ending.error.code, "batch_refused");
    EXPECT_EQ(ending.error.message, "first: what was wrong");
}

TEST(EndedBatchTest, ABatchThatIsGoneIsGivenUpByItsName) {
    const Ending ending = judge(batch_in("gone"), {});
    EXPECT_EQ(ending.kind, Kind::give_up);
    EXPECT_EQ(ending.error.code, "batch_gone");
    EXPECT_NE(ending.error.message.find("batch_1"), std::string::npos);
}

TEST(EndedBatchTest, ErrorsThatNameLinesSetTheseAside) {
    const std::vector<ValidationError> errors = {
        {.code = "invalid_json_line", .message = "This line is not parseable as valid JSON.", .line = 1},
        {.code = "missing_required_parameter", .message = "…", .param = "custom_id", .line = 2},
        {.code = "duplicate_custom_id", .message = "…", .param = "custom_id", .line = 3},
        {.code = "invalid_url", .message = "…", .param = "url", .line = 4},
        {.code = "mismatched_model", .message = "…", .param = "body.model", .line = 5}};
    const Ending ending = judge(batch_in("failed"), errors);
    EXPECT_EQ(ending.kind, Kind::set_aside);
    ASSERT_EQ(ending.lines.size(), 5U);
    EXPECT_EQ(ending.lines.at(1).code, "invalid_json_line");
    EXPECT_EQ(ending.lines.at(1).message, "This line is not parseable as valid JSON.");
    EXPECT_EQ(ending.lines.at(2).param, "custom_id");
}

TEST(EndedBatchTest, EveryErrorOfALineSetsItAside) {
    for (const auto* code : {"model_not_found", "invalid_request", "streaming_unsupported", "unheard_of", ""})
        EXPECT_EQ(kind_of_failed({.code = code, .message = "…", .param = "body", .line = 1}), Kind::set_aside)
            << code;
}

TEST(EndedBatchTest, TheFirstErrorOfALineCounts) {
    const Ending ending = judge(batch_in("failed"), {{.code = "first", .message = "1", .line = 2},
                                                     {.code = "second", .message = "2", .line = 2}});
    EXPECT_EQ(ending.lines.at(2).code, "first");
}

TEST(EndedBatchTest, AnErrorWithoutACodeGetsOneOfOurs) {
    EXPECT_EQ(judge(batch_in("failed"), {{.message = "…", .line = 2}}).lines.at(2).code, "refused");
}

TEST(EndedBatchTest, LinesThatTheBatchHasNotGiveItUp) {
    EXPECT_EQ(kind_of_failed({.code = "invalid_json_line", .message = "…", .line = 0}), Kind::give_up);
    EXPECT_EQ(kind_of_failed({.code = "invalid_json_line", .message = "…", .line = 5}), Kind::set_aside);
    EXPECT_EQ(kind_of_failed({.code = "invalid_json_line", .message = "…", .line = 6}), Kind::give_up);
}

TEST(EndedBatchTest, AFullQueueIsNoFailure) {
    EXPECT_EQ(kind_of_failed({.code = "token_limit_exceeded", .message = "…"}), Kind::wait_turn);
    EXPECT_EQ(kind_of_failed({.message = "Enqueued token limit reached for gpt-4o-mini in organization o. "
                                         "Limit: 2,000,000 enqueued tokens."}),
              Kind::wait_turn);
    EXPECT_EQ(kind_of_failed({.code = "token_limit_exceeded", .message = "…"}, 1'000), Kind::wait_turn);
}

TEST(EndedBatchTest, AFullQueueTellsItsLimit) {
    EXPECT_EQ(judge(batch_in("failed"),
                    {{.code = "token_limit_exceeded", .message = "Limit: 90,000 enqueued tokens."}})
                  .token_limit,
              90'000U);
    EXPECT_FALSE(judge(batch_in("failed"), {{.code = "token_limit_exceeded", .message = "…"}}).token_limit);
}

TEST(EndedBatchTest, WhatWeFoundTooLargeIsCut) {
    store::Batch batch = batch_in("too_large");
    batch.error = "about 1,200 tokens are more than the limit of 500 enqueued tokens";
    EXPECT_EQ(judge(batch, {}).kind, Kind::too_large);
    EXPECT_EQ(judge(batch, {}).token_limit, 500U);
}

TEST(EndedBatchTest, AnEmptyPurseIsWaitedFor) {
    for (const auto* code : {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
        EXPECT_EQ(kind_of_failed({.code = code, .message = "…"}), Kind::wait_paid) << code;
}

TEST(EndedBatchTest, AFileThatTheProviderLostIsUploadedAgainAFewTimes) {
    const ValidationError lost{.code = "invalid_request",
                               .message = "Cannot find file file-1, or organization o does not have access.",
                               .param = "file_id"};
    EXPECT_EQ(kind_of_failed(lost, 0), Kind::upload_again);
    EXPECT_EQ(kind_of_failed(lost, kLostFilesMax - 1), Kind::upload_again);
    EXPECT_EQ(kind_of_failed(lost, kLostFilesMax), Kind::give_up);
}

TEST(EndedBatchTest, AValidationThatNamesOneLineAtATimeEndsSomeTime) {
    const ValidationError bad{.code = "invalid_json_line", .message = "…", .line = 1};
    EXPECT_EQ(kind_of_failed(bad, kSetbacksMax - 1), Kind::set_aside);
    EXPECT_EQ(kind_of_failed(bad, kSetbacksMax), Kind::give_up);
}

TEST(EndedBatchTest, AnythingElseFailsTheJobInTheProvidersWords) {
    const Ending ending =
        judge(batch_in("failed"), {{.code = "empty_file", .message = "The file is empty."}});
    EXPECT_EQ(ending.kind, Kind::give_up);
    EXPECT_EQ(ending.error.code, "batch_failed");
    EXPECT_EQ(ending.error.message, "first: what was wrong");
}

TEST(EndedBatchTest, AFailureWithoutAReasonStillSaysSomething) {
    store::Batch batch = batch_in("failed");
    batch.error.clear();
    EXPECT_FALSE(judge(batch, {}).error.message.empty());
}

}  // namespace
}  // namespace batchd::engine
