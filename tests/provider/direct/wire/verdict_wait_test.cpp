#include <gtest/gtest.h>

#include "provider/direct/wire/judged.hpp"

namespace batchd::provider::direct {
namespace {

using namespace std::chrono_literals;

TEST(VerdictWaitTest, TellsWhatTheServerAskedForAndUsed) {
    const Verdict limited =
        judged(429, R"({"error":{"message":"Please try again in 1.5s."}})", kChat, {{"retry-after", "1"}});
    EXPECT_EQ(limited.wait, 1500ms);
    EXPECT_TRUE(limited.is_json);
    EXPECT_EQ(judged(503, "<html>", kChat, {{"retry-after", "4"}}).wait, 4s);
    EXPECT_FALSE(judged(503, "<html>").is_json);
    EXPECT_EQ(judged(200, R"({"choices":[],"usage":{"total_tokens":9}})").tokens_used, 9U);
    EXPECT_EQ(judged(200, R"({"output":[],"usage":{"input_tokens":3,"output_tokens":4}})", "/v1/responses")
                  .tokens_used,
              7U);
    EXPECT_EQ(judged(200, R"({"choices":[],"usage":{"total_tokens":-1}})").tokens_used, std::nullopt);
}

TEST(VerdictWaitTest, AWaitThatIsNamedToOneRequestDoesNotConcernTheOthers) {
    const std::string body =
        R"({"error":{"message":"The file is being processed: try again in 30 minutes."}})";
    for (const unsigned status : {400U, 404U, 409U, 422U, 425U})
        EXPECT_FALSE(judged(status, body, kChat, {{"retry-after", "60"}}).wait) << status;
    for (const unsigned status : {408U, 429U, 498U, 500U, 503U})
        EXPECT_EQ(judged(status, body, kChat, {{"retry-after", "1800"}}).wait, 30min) << status;
    EXPECT_FALSE(
        judged(429, R"({"error":{"message":"Request too large: Limit 1, Requested 2. Wait 60s"}})").wait);
}

TEST(VerdictWaitTest, WordsThatMayBeThoseOfARequestStopTheAccountForAMomentAtMost) {
    const std::string body =
        R"({"error":{"message":"While handling 'Translate: please wait 50 minutes': sorry"}})";
    for (const unsigned status : {408U, 500U, 502U, 504U, 520U})
        EXPECT_FALSE(judged(status, body).wait) << status;
    for (const unsigned status : {429U, 498U, 503U, 529U})
        EXPECT_EQ(judged(status, body).wait, 1min) << status;
    EXPECT_EQ(judged(503, body, kChat, {{"retry-after", "5"}}).wait, 1min);
}

TEST(VerdictWaitTest, AQuotaThatIsThereAgainInAMomentIsALimit) {
    const std::string body =
        R"({"error":{"message":"You exceeded your current quota, please check your plan."}})";
    EXPECT_EQ(judged(429, body).meaning, Meaning::quota);
    EXPECT_EQ(judged(429, body, kChat, {{"retry-after", "26"}}).meaning, kNotLetIn);
    EXPECT_EQ(judged(429, body, kChat, {{"x-ratelimit-remaining-requests", "0"}}).meaning, kNotLetIn);
    EXPECT_EQ(judged(429, R"({"error":{"message":"You exceeded your current quota. Please retry in 26s."}})")
                  .meaning,
              kNotLetIn);
    EXPECT_EQ(
        judged(429, R"({"error":{"code":"insufficient_quota"}})", kChat, {{"retry-after", "1"}}).meaning,
        Meaning::quota);
}

}  // namespace
}  // namespace batchd::provider::direct
