#include "provider/direct/run/next_step.hpp"

#include <gtest/gtest.h>

namespace batchd::provider::direct {
namespace {

using namespace std::chrono_literals;
using Kind = NextStep::Kind;

Verdict meaning(Meaning what) {
    Verdict verdict;
    verdict.meaning = what;
    verdict.code = "no_answer";
    verdict.message = "why";
    return verdict;
}

const RetryLimits kLimits{.attempts = 3};

TEST(NextStepTest, AnAnswerAndANoAreFinal) {
    for (const auto what : {Meaning::answered, Meaning::row_failed, Meaning::no_model}) {
        const NextStep step = next_step(meaning(what), {}, kLimits, 0s, 0);
        EXPECT_EQ(step.kind, Kind::settle);
        EXPECT_EQ(step.record, what == Meaning::answered ? RecordKind::answered : RecordKind::failed);
        EXPECT_EQ(step.history.attempts, 1U);
    }
}

TEST(NextStepTest, WhatIsBrokenIsTriedAsOftenAsAllowedAndLaterEachTime) {
    NextStep step = next_step(meaning(Meaning::broken), {}, kLimits, 0s, 0);
    EXPECT_EQ(step.kind, Kind::again);
    EXPECT_EQ(step.delay, 1s);
    step = next_step(meaning(Meaning::broken), step.history, kLimits, 0s, 0);
    EXPECT_EQ(step.kind, Kind::again);
    EXPECT_EQ(step.delay, 2s);
    step = next_step(meaning(Meaning::broken), step.history, kLimits, 0s, 0);
    EXPECT_EQ(step.kind, Kind::settle);
    EXPECT_EQ(step.record, RecordKind::failed);
    EXPECT_EQ(step.history.attempts, 3U);
}

TEST(NextStepTest, WhatIsLostAfterALongTimeIsTriedOnceMore) {
    Verdict lost = meaning(Meaning::broken);
    lost.is_long_lost = true;
    const RetryLimits many{.attempts = 20};
    NextStep step = next_step(lost, {}, many, 0s, 0);
    EXPECT_EQ(step.kind, Kind::again);
    step = next_step(lost, step.history, many, 0s, 0);
    EXPECT_EQ(step.kind, Kind::settle);
}

TEST(NextStepTest, ARefusalCostsNoAttemptHoweverOftenItComes) {
    RowHistory history{.attempts = 2};
    for (int i = 0; i < 1000; ++i) {
        const NextStep step = next_step(meaning(Meaning::not_let_in), history, kLimits, 1h, 1);
        ASSERT_EQ(step.kind, Kind::again);
        EXPECT_LE(step.delay, 10s);
        EXPECT_EQ(step.delay == 0s, i == 0);
        history = step.history;
    }
    EXPECT_EQ(history.attempts, 2U);
}

TEST(NextStepTest, PatienceWithRefusalsHasAnEnd) {
    NextStep step = next_step(meaning(Meaning::not_let_in), {}, kLimits, 0s, 0);
    step = next_step(meaning(Meaning::not_let_in), step.history, kLimits, 24h, 0);
    EXPECT_EQ(step.kind, Kind::settle);
    EXPECT_EQ(step.record, RecordKind::failed);
}

TEST(NextStepTest, AWaitThatTheServerAsksForIsKeptByTheRowAsWell) {
    for (const auto what : {Meaning::broken, Meaning::not_let_in}) {
        Verdict verdict = meaning(what);
        verdict.wait = 90s;
        EXPECT_EQ(next_step(verdict, {}, kLimits, 0s, 0).delay, 90s);
    }
}

TEST(NextStepTest, WhatIsAboutTheAccountCostsTheRowNothing) {
    for (const auto what : {Meaning::unauthorized, Meaning::quota}) {
        const NextStep step = next_step(meaning(what), {.attempts = 1}, kLimits, 0s, 0);
        EXPECT_EQ(step.kind, Kind::halt);
        EXPECT_EQ(step.history.attempts, 1U);
    }
}

TEST(NextStepTest, TheLineShowsARefusalAsTheServerWroteItAndNothingElse) {
    const LineHead head{"t", 1, "\"a\""};
    http::Response response;
    response.body = R"({"error":"x"})";
    Verdict verdict = meaning(Meaning::row_failed);
    verdict.is_json = true;
    response.status = 400;
    EXPECT_NE(settled_line(head, verdict, &response).find(R"("status_code":400)"), std::string::npos);
    for (const unsigned status : {200U, 302U, 408U, 500U}) {
        response.status = status;
        EXPECT_NE(settled_line(head, verdict, &response).find(R"("response":null)"), std::string::npos)
            << status;
    }
    EXPECT_NE(settled_line(head, verdict, nullptr).find(R"("code":"no_answer")"), std::string::npos);
}

}  // namespace
}  // namespace batchd::provider::direct
