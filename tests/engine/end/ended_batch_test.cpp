#include "engine/end/ended_batch.hpp"

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
    return judge(batch, {error}, 1).kind;
}

TEST(EndedBatchTest, WhatRanHasAnswers) {
    for (const auto* status : {"completed", "expired", "cancelled", "canceled", "COMPLETED"})
        EXPECT_EQ(judge(batch_in(status), {}, 1).kind, Kind::answers) << status;
}

TEST(EndedBatchTest, AFailedBatchWithAResultFileHasAnswers) {
    store::Batch batch = batch_in("failed");
    batch.error_file_id = "file-1";
    EXPECT_EQ(judge(batch, {}, 1).kind, Kind::answers);
    batch.error_file_id.clear();
    batch.output_file_id = "file-2";
    EXPECT_EQ(judge(batch, {}, 1).kind, Kind::answers);
}

TEST(EndedBatchTest, ARefusedBatchIsGivenUpInTheProvidersWords) {
    const Ending ending = judge(batch_in("refused"), {}, 1);
    EXPECT_EQ(ending.kind, Kind::give_up);
    EXPECT_EQ(ending.error.code, "batch_refused");
    EXPECT_EQ(ending.error.message, "first: what was wrong");
}

TEST(EndedBatchTest, ABatchThatIsGoneIsGivenUpByItsName) {
    const Ending ending = judge(batch_in("gone"), {}, 1);
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
    const Ending ending = judge(batch_in("failed"), errors, 1);
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
    const Ending ending = judge(
        batch_in("failed"),
        {{.code = "first", .message = "1", .line = 2}, {.code = "second", .message = "2", .line = 2}}, 1);
    EXPECT_EQ(ending.lines.at(2).code, "first");
}

TEST(EndedBatchTest, AnErrorWithoutACodeGetsOneOfOurs) {
    EXPECT_EQ(judge(batch_in("failed"), {{.message = "…", .line = 2}}, 1).lines.at(2).code, "refused");
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
                    {{.code = "token_limit_exceeded", .message = "Limit: 90,000 enqueued tokens."}}, 1)
                  .token_limit,
              90'000U);
    EXPECT_FALSE(
        judge(batch_in("failed"), {{.code = "token_limit_exceeded", .message = "…"}}, 1).token_limit);
}

TEST(EndedBatchTest, WhatWeFoundTooLargeIsCut) {
    store::Batch batch = batch_in("too_large");
    batch.error = "about 1,200 tokens are more than the limit of 500 enqueued tokens";
    EXPECT_EQ(judge(batch, {}, 1).kind, Kind::too_large);
    EXPECT_EQ(judge(batch, {}, 1).token_limit, 500U);
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
        judge(batch_in("failed"), {{.code = "empty_file", .message = "The file is empty."}}, 1);
    EXPECT_EQ(ending.kind, Kind::give_up);
    EXPECT_EQ(ending.error.code, "batch_failed");
    EXPECT_EQ(ending.error.message, "first: what was wrong");
}

TEST(EndedBatchTest, AFaultOfTheProvidersOwnIsTriedAgainAFewTimes) {
    for (const auto* code :
         {"server_error", "internal_error", "InternalServerError", "internal_server_error"}) {
        EXPECT_EQ(kind_of_failed({.code = code, .message = "…"}), Kind::same_again) << code;
        EXPECT_EQ(kind_of_failed({.code = code, .message = "…"}, kServerFaultsMax), Kind::give_up) << code;
    }
    EXPECT_EQ(kind_of_failed({.message = "Internal server error"}), Kind::same_again);
    store::Batch silent = batch_in("failed");
    silent.error.clear();
    EXPECT_EQ(judge(silent, {}, 1).kind, Kind::same_again) << "it gives no reason at all";
}

TEST(EndedBatchTest, WhereTheProviderNoLongerSaysWhatIsOnRecordIsJudgedLikeIt) {
    const auto kind_of_recorded = [](const std::string& error) {
        store::Batch batch = batch_in("failed");
        batch.error = error;
        batch.requests = 1;
        return judge(batch, {}, 1).kind;
    };
    EXPECT_EQ(kind_of_recorded("server_error: The server had an error."), Kind::same_again);
    EXPECT_EQ(kind_of_recorded("insufficient_quota: You exceeded your quota."), Kind::wait_paid);
    EXPECT_EQ(kind_of_recorded("token_limit_exceeded: …"), Kind::wait_turn);
    EXPECT_EQ(kind_of_recorded("model_not_found: …"), Kind::give_up);
    EXPECT_EQ(kind_of_recorded("line 1: invalid_url: …"), Kind::set_aside);
    EXPECT_EQ(kind_of_recorded("a request is not valid"), Kind::set_aside);
}

TEST(EndedBatchTest, LinesThatOnlyAMessageNamesAreSetAside) {
    const Ending ending = judge(
        batch_in("failed"), {{.message = "Line 4: no url\nLine 5: no method"}, {.message = "on line 9"}}, 1);
    EXPECT_EQ(ending.kind, Kind::set_aside);
    ASSERT_EQ(ending.lines.size(), 2U) << "the batch has five";
    EXPECT_EQ(ending.lines.at(4).code, "refused");
    EXPECT_EQ(ending.lines.at(5).message, "Line 4: no url\nLine 5: no method");
}

TEST(EndedBatchTest, WhatNobodyNamesIsLookedForByHalves) {
    const ValidationError nameless{.code = "invalid_request", .message = "a request is not valid"};
    EXPECT_EQ(judge(batch_in("failed"), {nameless}, 1).kind, Kind::halve);
    EXPECT_EQ(judge(batch_in("failed"), {nameless}, kFailedBatchesMax - 1).kind, Kind::halve);
    EXPECT_EQ(judge(batch_in("failed"), {nameless}, kFailedBatchesMax).kind, Kind::give_up);
    store::Batch single = batch_in("failed");
    single.requests = 1;
    const Ending ending = judge(single, {nameless}, kFailedBatchesMax);
    EXPECT_EQ(ending.kind, Kind::set_aside) << "the others of the job are as good as ever";
    EXPECT_EQ(ending.lines.at(1).code, "invalid_request");
    EXPECT_EQ(ending.lines.at(1).message, "a request is not valid");
}

TEST(EndedBatchTest, WhatIsAboutTheWholeBatchIsNotHalved) {
    for (const auto* code : {"model_not_found", "invalid_endpoint", "empty_file", "DeploymentNotFound"})
        EXPECT_EQ(kind_of_failed({.code = code, .message = "…"}), Kind::give_up) << code;
    EXPECT_EQ(kind_of_failed({.code = "invalid", .message = "…", .param = "endpoint"}), Kind::give_up);
    EXPECT_EQ(kind_of_failed({.message = "The input file has the wrong purpose."}), Kind::give_up);
}

TEST(EndedBatchTest, AFailedBatchThatCountsAnswersHasAnswers) {
    store::Batch batch = batch_in("failed");
    batch.completed = 1;
    EXPECT_EQ(judge(batch, {}, 1).kind, Kind::answers);
    EXPECT_EQ(judge_failure(batch, {{.code = "server_error"}}, 1).kind, Kind::same_again);
}

TEST(EndedBatchTest, SaysWhetherNothingOfItRan) {
    EXPECT_TRUE(says_that_nothing_ran(batch_in("failed")));
    for (const auto* status : {"completed", "expired", "cancelled", "in_progress"})
        EXPECT_FALSE(says_that_nothing_ran(batch_in(status))) << status;
    store::Batch batch = batch_in("failed");
    batch.completed = 1;
    EXPECT_FALSE(says_that_nothing_ran(batch));
    batch.completed = 0;
    batch.error_file_id = "file-1";
    EXPECT_FALSE(says_that_nothing_ran(batch)) << "it is to be read first";
    for (const auto outcome : {store::Outcome::gone, store::Outcome::abandoned}) {
        batch = batch_in("failed");
        batch.outcome = outcome;
        EXPECT_FALSE(says_that_nothing_ran(batch)) << "nobody knows";
    }
    batch.batch_id.clear();
    EXPECT_TRUE(says_that_nothing_ran(batch)) << "it was never there";
}

TEST(EndedBatchTest, OurVerdictGoesBeforeTheProvidersWord) {
    store::Batch batch = batch_in("in_progress");
    const auto kind = [&](store::Outcome outcome) {
        batch.outcome = outcome;
        return judge(batch, {}, 1).kind;
    };
    EXPECT_EQ(kind(store::Outcome::ended), Kind::answers);
    EXPECT_EQ(kind(store::Outcome::withdrawn), Kind::withdrawn);
    EXPECT_EQ(kind(store::Outcome::refused), Kind::give_up);
    EXPECT_EQ(kind(store::Outcome::too_large), Kind::too_large);
    EXPECT_EQ(kind(store::Outcome::gone), Kind::give_up);
    EXPECT_EQ(kind(store::Outcome::abandoned), Kind::give_up);
    EXPECT_EQ(kind(store::Outcome::unanswered_cancel), Kind::answers);
    batch.outcome = store::Outcome::abandoned;
    EXPECT_EQ(judge(batch, {}, 1).error.code, "batch_gone");
    EXPECT_NE(judge(batch, {}, 1).error.message.find("batchd abandon"), std::string::npos);
}

TEST(EndedBatchTest, ARowOfAnEarlierVersionIsUnderstoodByItsStatus) {
    EXPECT_EQ(outcome_of(batch_in("refused")), store::Outcome::refused);
    EXPECT_EQ(outcome_of(batch_in("gone")), store::Outcome::gone);
    EXPECT_EQ(outcome_of(batch_in("completed")), store::Outcome::ended);
    store::Batch unsubmitted = batch_in("cancelled");
    unsubmitted.batch_id.clear();
    EXPECT_EQ(outcome_of(unsubmitted), store::Outcome::withdrawn);
}

TEST(EndedBatchTest, AFailureWithoutAReasonStillSaysSomething) {
    store::Batch batch = batch_in("failed");
    batch.error.clear();
    batch.setbacks = kServerFaultsMax;
    EXPECT_FALSE(judge(batch, {}, 1).error.message.empty());
}

}  // namespace
}  // namespace batchd::engine
