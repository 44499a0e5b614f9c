#include "engine/fallback/fallback_rules.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using Kind = Ending::Kind;
using provider::FailureKind;
using provider::ValidationError;

Terms terms_with(std::optional<Millis> deadline = {}) {
    Terms terms;
    terms.fallback = Fallback{"gpu", deadline, {}, {}};
    return terms;
}

store::Batch batch_of(const std::string& provider) {
    store::Batch batch;
    batch.provider = provider;
    batch.requests = 5;
    batch.batch_id = "batch_1";
    batch.status = "failed";
    return batch;
}

TEST(FallbackRulesTest, WhatIsThereAlreadyGoesNoFurther) {
    EXPECT_EQ(fallback_of(Terms{}, batch_of("default")), nullptr);
    EXPECT_EQ(fallback_of(terms_with(), batch_of("gpu")), nullptr);
    const Terms terms = terms_with();
    ASSERT_NE(fallback_of(terms, batch_of("default")), nullptr);
    EXPECT_EQ(fallback_of(terms, batch_of("default"))->provider, "gpu");
}

TEST(FallbackRulesTest, TheDeadlineBeginsWithTheSubmission) {
    const TimePoint at{100s};
    EXPECT_EQ(deadline_for(terms_with(6h), batch_of("default"), at), at + 6h);
    EXPECT_EQ(deadline_for(terms_with(6h), batch_of("gpu"), at), std::nullopt);
    EXPECT_EQ(deadline_for(terms_with(), batch_of("default"), at), std::nullopt);
    store::Batch batch = batch_of("default");
    EXPECT_FALSE(is_late(batch, at));
    batch.deadline_at = at;
    EXPECT_TRUE(is_late(batch, at));
    EXPECT_FALSE(is_late(batch, at - 1s));
}

TEST(FallbackRulesTest, KnowsAProviderThatHasNoBatchForThis) {
    struct Case {
        FailureKind kind;
        const char *code, *param;
        bool in_own_words, has_none;
    };
    constexpr Case kCases[] = {
        {FailureKind::refused, "invalid_value", "endpoint", true, true},
        {FailureKind::refused, "invalid_request_error", "model", true, true},
        {FailureKind::refused, "model_not_found", "", true, true},
        {FailureKind::not_found, "DeploymentNotFound", "", true, true},
        {FailureKind::unsupported, "", "", true, true},
        {FailureKind::refused, "invalid_value", "completion_window", true, false},
        {FailureKind::refused, "invalid_value", "endpoint", false, false},
        {FailureKind::unsupported, "", "", false, false},
        {FailureKind::not_found, "", "input_file_id", true, false},
        {FailureKind::doubt, "model_not_found", "model", true, false},
        {FailureKind::token_limit, "token_limit_exceeded", "model", true, false},
    };
    for (const Case& c : kCases) {
        provider::Failure failure;
        failure.kind = c.kind;
        failure.code = c.code;
        failure.param = c.param;
        failure.in_own_words = c.in_own_words;
        EXPECT_EQ(says_there_is_no_batch(failure), c.has_none) << provider::to_string(failure);
    }
}

TEST(FallbackRulesTest, KnowsAProviderThatHasNoBatchByItsMessageAlone) {
    provider::Failure failure;
    failure.kind = FailureKind::refused;
    failure.http_status = 400;
    failure.in_own_words = true;
    failure.message = "The model `gpt-4o-mini` is not supported by the Batch API.";
    EXPECT_TRUE(says_there_is_no_batch(failure));
    failure.param = "metadata";
    EXPECT_FALSE(says_there_is_no_batch(failure)) << "it is about something else";
    failure = {.kind = FailureKind::refused, .http_status = 405, .in_own_words = true};
    EXPECT_TRUE(says_there_is_no_batch(failure));
}

TEST(FallbackRulesTest, AMissingPathMayMeanThatThereIsNoBatch) {
    const auto may_be = [](unsigned status, const std::string& message, bool in_own_words = false) {
        provider::Failure failure;
        failure.kind = FailureKind::doubt;
        failure.http_status = status;
        failure.message = message;
        failure.in_own_words = in_own_words;
        return may_say_there_is_no_batch(failure);
    };
    EXPECT_TRUE(may_be(404, R"({"detail":"Not Found"})"));
    EXPECT_TRUE(may_be(405, R"({"detail":"Method Not Allowed"})"));
    EXPECT_TRUE(may_be(404, "Not Found", true));
    EXPECT_TRUE(may_be(403, "Model gpt-4o-mini is not available to this account."));
    EXPECT_FALSE(may_be(404, "404 Not Found")) << "a proxy's page";
    EXPECT_FALSE(may_be(404, "No such File object: file-1", true));
    EXPECT_FALSE(may_be(403, "Forbidden"));
    EXPECT_FALSE(may_be(503, R"({"detail":"Not Found"})"));
}

TEST(FallbackRulesTest, WhatHasNoTimeLeftIsNotTriedHereAgain) {
    for (const Kind kind : {Kind::withdrawn, Kind::halve, Kind::wait_turn, Kind::too_large, Kind::wait_paid,
                            Kind::upload_again, Kind::same_again, Kind::set_aside})
        EXPECT_EQ(not_here({.kind = kind}).kind, Kind::elsewhere);
    for (const Kind kind : {Kind::answers, Kind::give_up, Kind::elsewhere})
        EXPECT_EQ(not_here({.kind = kind}).kind, kind);
    const Ending refused{.kind = Kind::set_aside, .lines = {{2, {"bad", "it is", "", {}}}}};
    EXPECT_EQ(not_here(refused).lines.size(), 1U) << "a line that is wrong stays so";
}

TEST(FallbackRulesTest, OneReasonIsEnoughForAllThatIsSentAgain) {
    EXPECT_FALSE(goes_to_fallback({}));
    EXPECT_TRUE(goes_to_fallback({.without_model = true}));
    EXPECT_TRUE(goes_to_fallback({.attempts_used_up = true}));
    EXPECT_TRUE(goes_to_fallback({.is_late = true}));
}

Ending judged(const ValidationError& error, std::uint64_t setbacks = 0) {
    store::Batch batch = batch_of("default");
    batch.setbacks = setbacks;
    return judge(batch, {error}, 1, true);
}

TEST(FallbackRulesTest, ValidationThatKnowsNoSuchModelSendsItElsewhere) {
    for (const ValidationError& error :
         {ValidationError{"model_not_found", "…", "body.model", 1},
          ValidationError{"model_not_found", "…", "", {}},
          ValidationError{"invalid_request", "…", "model", {}},
          ValidationError{"invalid_request", "Model gpt-4o-mini does not support batch", "", {}},
          ValidationError{"", "It is not supported by the Batch API.", "", {}}}) {
        EXPECT_EQ(judged(error).kind, Kind::elsewhere) << error.code << error.message;
        EXPECT_TRUE(judged(error).lines.empty()) << error.code << error.message;
        EXPECT_NE(judge(batch_of("default"), {error}, 1).kind, Kind::elsewhere) << "there is no other";
    }
    EXPECT_EQ(judged({"mismatched_model", "…", "body.model", 2}).kind, Kind::set_aside);
    EXPECT_EQ(judged({"invalid_json_line", "…", "", 2}).kind, Kind::set_aside);
    EXPECT_EQ(judged({"token_limit_exceeded", "…", "", {}}).kind, Kind::wait_turn);
    EXPECT_EQ(judged({"invalid_completion_window", "…", "completion_window", {}}).kind, Kind::give_up);
}

TEST(FallbackRulesTest, ALineThatIsWrongBesidesGoesNowhere) {
    const Ending ending =
        judge(batch_of("default"),
              {{"model_not_found", "…", "body.model", 1}, {"invalid_json_line", "…", "", 2}}, 1, true);
    EXPECT_EQ(ending.kind, Kind::elsewhere);
    ASSERT_EQ(ending.lines.size(), 1U);
    EXPECT_EQ(ending.lines.begin()->first, 2U);
}

TEST(FallbackRulesTest, AProviderThatFailsForGoodSendsItElsewhere) {
    EXPECT_EQ(judged({"server_error", "…", "", {}}).kind, Kind::same_again);
    EXPECT_EQ(judged({"server_error", "…", "", {}}, kServerFaultsMax).kind, Kind::elsewhere);
    store::Batch refused = batch_of("default");
    refused.outcome = store::Outcome::no_batch;
    EXPECT_EQ(judge(refused, {}, 1, true).kind, Kind::elsewhere);
    EXPECT_EQ(judge(refused, {}, 1).error.code, "batch_refused");
    refused.outcome = store::Outcome::refused;
    EXPECT_EQ(judge(refused, {}, 1, true).kind, Kind::give_up) << "a mistake is to be mended";
}

TEST(FallbackRulesTest, WhatMayHaveBeenPaidIsNeverForTheOther) {
    for (const auto outcome : {store::Outcome::gone, store::Outcome::abandoned}) {
        store::Batch batch = batch_of("default");
        batch.outcome = outcome;
        const Ending ending = judge(batch, {}, 1, true);
        EXPECT_EQ(ending.kind, Kind::give_up);
        EXPECT_EQ(not_here(ending).kind, Kind::give_up);
    }
}

}  // namespace
}  // namespace batchd::engine
