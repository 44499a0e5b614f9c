#include "provider/direct/wire/judged.hpp"

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>

#include "provider/openai/failure.hpp"

namespace batchd::provider::direct {
namespace {

using namespace std::chrono_literals;

struct Case {
    unsigned status;
    const char* body;
    Meaning meaning;
    Load load;
    const char* url = kChat;
};

void expect_each(std::initializer_list<Case> cases) {
    for (const Case& one : cases) {
        const Verdict verdict = judged(one.status, one.body, one.url);
        EXPECT_EQ(to_string(verdict.meaning), to_string(one.meaning)) << one.status << " " << one.body;
        EXPECT_EQ(static_cast<int>(verdict.load), static_cast<int>(one.load))
            << one.status << " " << one.body;
        EXPECT_EQ(verdict.message.empty(), one.meaning == Meaning::answered) << one.status << " " << one.body;
    }
}

constexpr auto kAnswered = Meaning::answered;
constexpr auto kBroken = Meaning::broken;
constexpr auto kRowFailed = Meaning::row_failed;
constexpr auto kNoModel = Meaning::no_model;

TEST(VerdictTest, AWholeObjectOfTheEndpointIsAnAnswer) {
    expect_each({
        {200, R"({"object":"chat.completion","choices":[{"finish_reason":"stop"}]})", kAnswered,
         Load::answered},
        {200, R"({"choices":[{"finish_reason":"length"}]})", kAnswered, Load::answered},
        {200, R"({"choices":[{"finish_reason":"content_filter"}]})", kAnswered, Load::answered},
        {201, R"({"choices":[]})", kAnswered, Load::answered},
        {200, R"({"choices":[],"error":null})", kAnswered, Load::answered},
        {200, R"({"object":"response","status":"completed","error":null,"output":[]})", kAnswered,
         Load::answered, "/v1/responses"},
        {200, R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]})",
         kAnswered, Load::answered, "/v1/responses"},
        {200, R"({"object":"list","data":[{"embedding":[0.1]}]})", kAnswered, Load::answered,
         "/v1/embeddings"},
        {200, R"({"choices":[{"text":"x"}]})", kAnswered, Load::answered, "/v1/completions"},
        {200, R"({"results":[{"flagged":false}]})", kAnswered, Load::answered, "/v1/moderations"},
        {200, R"({"data":[{"b64_json":"AA"}]})", kAnswered, Load::answered, "/v1/images/generations"},
        {200, R"({"results":[{"index":0}]})", kAnswered, Load::answered, "/v1/rerank"},
        {200, R"({"anything":1})", kAnswered, Load::answered, "/v1/something/new"},
    });
}

http::Response answer_of(std::string body) {
    http::Response response;
    response.status = 200;
    response.body = std::move(body);
    return response;
}

TEST(VerdictTest, AByteOrderMarkIsNoPartOfAnAnswer) {
    ShapeReader shapes;
    http::Response response = answer_of("\xEF\xBB\xBF{\"choices\":[]}");
    const Verdict verdict = judge_answer(response, kChat, shapes, TimePoint{});
    EXPECT_EQ(verdict.meaning, kAnswered);
    EXPECT_EQ(response.body, R"({"choices":[]})");
    EXPECT_EQ(judged(400,
                     "\xEF\xBB\xBF"
                     R"({"error":{"message":"no"}})")
                  .meaning,
              kRowFailed);
}

TEST(VerdictTest, AnAnswerWithAUsualSlipIsMendedAndNotAskedForAgain) {
    ShapeReader shapes;
    http::Response response = answer_of(
        "{\"choices\":[{\"text\":\"a\xFF\tNaN "
        "\\\"é\",\"p\":[NaN,-Infinity]}],\"usage\":{\"total_tokens\":5}}");
    const Verdict verdict = judge_answer(response, kChat, shapes, TimePoint{});
    EXPECT_EQ(verdict.meaning, kAnswered);
    EXPECT_TRUE(verdict.is_json);
    EXPECT_EQ(verdict.tokens_used, 5U);
    EXPECT_EQ(response.body,
              R"({"choices":[{"text":"a�\u0009NaN \"é","p":[null,null]}],"usage":{"total_tokens":5}})");
    for (const char* body :
         {"{\"choices\":[NaN", "{\"id\":NaN}", "NaN", "{\"error\":\"\xFF\",\"choices\":[]}"})
        EXPECT_EQ(judged(200, body).meaning, kBroken) << body;
}

TEST(VerdictTest, WhatTheStandardAllowsAndAParserCanNotHoldIsAnAnswer) {
    expect_each({
        {200, R"({"choices":[{"message":{"content":"cut off \ud83d"}}]})", kAnswered, Load::answered},
        {200, R"({"choices":[],"logprob":-1e999})", kAnswered, Load::answered},
        {200, R"({"choices":[],"id":123456789012345678901234567890})", kAnswered, Load::answered},
        {200, R"({"choices":[{"text":"\ud83d"}],"error":{"message":"x"}})", kBroken, Load::failing},
        {200, R"({"choices":[{"text":"\ud83d"}])", kBroken, Load::failing},
    });
    EXPECT_TRUE(judged(200, R"({"choices":[{"text":"\udc00"}]})").is_json);
    EXPECT_EQ(judged(200, R"({"choices":["\ud83d"],"usage":{"total_tokens":9}})").tokens_used, 9U);
}

TEST(VerdictTest, AnErrorThatSaysNothingIsNone) {
    expect_each({
        {200, R"({"choices":[],"error":""})", kAnswered, Load::answered},
        {200, R"({"choices":[],"error":"None"})", kAnswered, Load::answered},
        {200, R"({"choices":[],"error":{}})", kAnswered, Load::answered},
        {200, R"({"choices":[],"error":[]})", kAnswered, Load::answered},
        {200, R"({"choices":[],"error":false})", kAnswered, Load::answered},
        {200, R"({"choices":[],"error":{"message":"","code":null}})", kAnswered, Load::answered},
        {200, R"({"choices":[],"error":{"message":"","code":7}})", kBroken, Load::failing},
        {200, R"({"error":{}})", kBroken, Load::failing},
    });
}

TEST(VerdictTest, AGoodStatusAloneIsNoAnswer) {
    expect_each({
        {200, R"({"error":{"message":"upstream failed","code":502}})", kBroken, Load::failing},
        {200, R"({"error":"overloaded"})", kBroken, Load::failing},
        {200, R"({"object":"error","message":"x","code":400})", kBroken, Load::failing},
        {200, R"({"object":"response","status":"failed","error":{"code":"server_error"},"output":[]})",
         kBroken, Load::failing, "/v1/responses"},
        {200, "<html><title>Welcome</title></html>", kBroken, Load::failing},
        {200, "OK", kBroken, Load::failing},
        {200, "", kBroken, Load::failing},
        {200, "[]", kBroken, Load::failing},
        {200, "null", kBroken, Load::failing},
        {200, R"({"choices":[{"finish_reason":"stop"}])", kBroken, Load::failing},
        {200, R"({"choices":[]} trailing)", kBroken, Load::failing},
        {200, R"({"id":"1"})", kBroken, Load::failing},
        {200, R"({"choices":null})", kBroken, Load::failing},
        {200, "data: {\"choices\":[]}\n\ndata: [DONE]\n\n", kBroken, Load::failing},
        {204, "", kBroken, Load::failing},
        {200, R"({"status":"queued","output":[]})", kRowFailed, Load::answered, "/v1/responses"},
        {200, R"({"status":"in_progress","output":[]})", kRowFailed, Load::answered, "/v1/responses"},
    });
}

TEST(VerdictTest, WhoeverIsNotLetInComesAgain) {
    expect_each({
        {429,
         R"({"error":{"message":"Rate limit reached for m in organization o on tokens per min (TPM): Limit )"
         R"(30000, Used 29900, Requested 546. Please try again in 1.5s.","type":"tokens",)"
         R"("code":"rate_limit_exceeded"}})",
         kNotLetIn, Load::refused},
        {429, R"({"error":{"message":"Request too large for m: Limit 250000, Requested 546."}})", kNotLetIn,
         Load::refused},
        {429, R"({"error":{"message":"Resource Unavailable","code":"resource_unavailable"}})", kNotLetIn,
         Load::refused},
        {429, R"({"error":"Model is overloaded","error_type":"overloaded"})", kNotLetIn, Load::refused},
        {429, R"({"error":{"message":"Concurrency limit reached for requests"}})", kNotLetIn, Load::refused},
        {429, "", kNotLetIn, Load::refused},
        {429, "<html>too many</html>", kNotLetIn, Load::refused},
        {498, R"({"error":{"message":"x","code":"capacity_exceeded"}})", kNotLetIn, Load::refused},
        {503, R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})", kNotLetIn,
         Load::refused},
        {503, R"({"error":"server busy, please try again.  maximum pending requests exceeded"})", kNotLetIn,
         Load::refused},
        {503, R"({"error":{"message":"The request queue is full."}})", kNotLetIn, Load::refused},
        {503, R"({"error":{"message":"The engine is currently overloaded, please try again later"}})",
         kNotLetIn, Load::refused},
        {503, "<html>503 Service Unavailable</html>", kNotLetIn, Load::refused},
        {529, R"({"error":{"type":"overloaded_error","message":"Overloaded"}})", kNotLetIn, Load::refused},
        {521, "error code: 521", kNotLetIn, Load::refused},
        {523, "error code: 523", kNotLetIn, Load::refused},
    });
}

TEST(VerdictTest, WhatMayHaveBeenDoneIsTriedAgainWithinTheRowsAttempts) {
    expect_each({
        {500, R"({"error":{"message":"The server had an error","type":"server_error"}})", kBroken,
         Load::failing},
        {500, "Internal Server Error", kBroken, Load::failing},
        {502, R"({"error":{"message":"upstream"}})", kBroken, Load::failing},
        {502, "<html>502 Bad Gateway</html>", kBroken, Load::failing},
        {502, "", kBroken, Load::failing},
        {520, "error code: 520", kBroken, Load::failing},
        {522, "error code: 522", kBroken, Load::failing},
        {501, "<html>", kBroken, Load::failing},
        {504, "<html>504</html>", kBroken, Load::overloaded},
        {524, "", kBroken, Load::overloaded},
        {408, R"({"error":{"message":"timeout"}})", kBroken, Load::overloaded},
        {409, R"({"error":{"message":"conflict"}})", kBroken, Load::other},
        {425, "", kBroken, Load::other},
        {400, "<html>400</html>", kBroken, Load::failing},
        {404, "<html>404</html>", kBroken, Load::failing},
        {403, "<html>blocked</html>", kBroken, Load::failing},
        {302, "", kBroken, Load::failing},
        {307, "", kBroken, Load::failing},
        {308, "", kBroken, Load::failing},
    });
    for (const unsigned status : {504U, 524U, 408U}) EXPECT_TRUE(judged(status, "").is_long_lost) << status;
    EXPECT_FALSE(judged(500, "").is_long_lost);
}

TEST(VerdictTest, ARequestIsLargerThanItsLimitHoweverTheNumbersAreWritten) {
    const auto meaning = [](const std::string& numbers) {
        return judged(429, R"({"error":{"message":"Rate limit reached on tokens per min (TPM): )" + numbers +
                               R"(. Please try again in 2s.","code":"rate_limit_exceeded"}})")
            .meaning;
    };
    for (const char* passing :
         {"Limit 1,000,000, Used 999,900, Requested 150,000", "Limit: 1M, Used: 999.9K, Requested: 150K",
          "Limit 1_000_000, Requested 150_000", "Limit 0, Requested 5", "Limit x, Requested 5"})
        EXPECT_EQ(meaning(passing), kNotLetIn) << passing;
    for (const char* for_ever :
         {"Limit 30,000, Used 1, Requested 150,000", "Limit: 30K, Requested: 36278",
          "Limit 30000, Requested 30001", "litellm.RateLimitError: Limit 30000, Requested 36278"})
        EXPECT_EQ(meaning(for_ever), kRowFailed) << for_ever;
}

TEST(VerdictTest, ANoToTheRowIsFinal) {
    expect_each({
        {400, R"({"error":{"message":"bad","type":"invalid_request_error","param":"messages","code":null}})",
         kRowFailed, Load::other},
        {400, R"({"object":"error","message":"too long","type":"BadRequestError","code":400})", kRowFailed,
         Load::other},
        {422, R"({"detail":[{"loc":["body"],"msg":"field required"}]})", kRowFailed, Load::other},
        {413, R"({"error":{"message":"too large"}})", kRowFailed, Load::other},
        {413, "<html>413</html>", kRowFailed, Load::other},
        {429, R"({"error":{"message":"Request too large for m (TPM): Limit 30000, Requested 36278."}})",
         kRowFailed, Load::other},
        {404,
         R"({"error":{"message":"The model `x` does not exist or you do not have access to it.",)"
         R"("code":"model_not_found"}})",
         kNoModel, Load::other},
        {404,
         R"({"error":{"message":"This model is only supported in v1/responses and not in )"
         R"(v1/chat/completions.","type":"invalid_request_error","param":"model"}})",
         kNoModel, Load::other},
        {404, R"({"object":"error","message":"The model `x` does not exist.","code":404})", kNoModel,
         Load::other},
        {404, R"({"detail":"Not Found"})", kNoModel, Load::other},
        {405, R"({"detail":"Method Not Allowed"})", kNoModel, Load::other},
        {501, R"({"error":{"message":"This server does not support embeddings.","code":501}})", kNoModel,
         Load::other},
        {400, R"({"error":{"message":"x","code":"model_not_found"}})", kNoModel, Load::other},
        {403, R"({"error":{"message":"Project does not have access to model `x`","code":"model_not_found"}})",
         kNoModel, Load::other},
    });
}

TEST(VerdictTest, WhatIsAboutTheAccountStopsAll) {
    expect_each({
        {401, R"({"error":{"message":"Incorrect API key","code":"invalid_api_key"}})", Meaning::unauthorized,
         Load::other},
        {401, "", Meaning::unauthorized, Load::other},
        {403, R"({"error":{"message":"Country not supported"}})", Meaning::unauthorized, Load::other},
        {429, R"({"error":{"message":"x","code":"insufficient_quota"}})", Meaning::quota, Load::other},
        {429, R"({"error":{"message":"You exceeded your current quota, please check your plan"}})",
         Meaning::quota, Load::other},
        {402, "Payment Required", Meaning::quota, Load::other},
    });
}

TEST(VerdictTest, AConnectionThatWasNotMadeSentNothing) {
    const Verdict verdict =
        judge_failure({http::Phase::connect, boost::asio::error::connection_refused, "connect: refused"});
    EXPECT_EQ(verdict.meaning, Meaning::not_let_in);
    EXPECT_EQ(verdict.load, Load::refused);
}

TEST(VerdictTest, AConnectionThatBrokeMayHaveHadItsEffect) {
    const Verdict reset = judge_failure({http::Phase::sent, boost::asio::error::connection_reset, "reset"});
    EXPECT_EQ(reset.meaning, Meaning::broken);
    EXPECT_EQ(reset.load, Load::failing);
    EXPECT_EQ(reset.code, "no_answer");
    EXPECT_FALSE(reset.is_long_lost);
}

TEST(VerdictTest, ARequestThatCannotBeSentSaysNothingAboutTheServer) {
    const Verdict verdict = judge_failure({http::Phase::local, Errc::bad_input, "the target has a space"});
    EXPECT_EQ(verdict.meaning, Meaning::broken);
    EXPECT_EQ(verdict.load, Load::other);
}

TEST(VerdictTest, AnAnswerThatIsTooLongIsNotAskedForAgain) {
    const Verdict verdict =
        judge_failure({http::Phase::sent, Errc::too_large, "the answer is longer than 64 MiB"});
    EXPECT_EQ(verdict.meaning, Meaning::row_failed);
    EXPECT_EQ(verdict.load, Load::other);
    EXPECT_EQ(verdict.code, "no_answer");
    EXPECT_EQ(verdict.message, "the answer is longer than 64 MiB");
}

TEST(VerdictTest, AKeyAtTheBorderOfAMessageIsSeenWhole) {
    const std::string key = "0123456789abcdef0123456789abcdef01234567";
    const std::string text = std::string(2018, 'x') + " " + key;
    for (const std::string& body : {R"({"error":{"message":")" + text + R"("}})", text})
        EXPECT_EQ(safe_text(judged(401, body).message, key).find("0123"), std::string::npos);
}

TEST(VerdictTest, SilenceIsATimeout) {
    for (const Verdict& verdict :
         {judge_failure({http::Phase::sent, boost::beast::error::timeout, "receiving"}),
          judge_timeout(15min)}) {
        EXPECT_EQ(verdict.meaning, Meaning::broken);
        EXPECT_EQ(verdict.load, Load::overloaded);
        EXPECT_EQ(verdict.code, "request_timeout");
        EXPECT_TRUE(verdict.is_long_lost);
    }
    EXPECT_EQ(judge_timeout(15min).message, "no answer within 15m");
}

}  // namespace
}  // namespace batchd::provider::direct
