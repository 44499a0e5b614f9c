#include "jsonl/result/result_line.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "jsonl/given_line.hpp"

namespace batchd::jsonl {
namespace {

std::string describe(std::string_view text) {
    ResultParser parser;
    const GivenLine given(text);
    const auto row = parser.parse(given.line());
    if (!row) return "BAD " + row.error().what;
    const char* const verdicts[] = {"succeeded", "retry", "cancelled", "failed", "no_model", "no_money"};
    return std::string(row->custom_id) + ' ' + verdicts[static_cast<int>(row->verdict)] + ' ' +
           std::to_string(row->status_code) + " [" + std::string(row->error_code) + ']';
}

struct Row {
    std::string_view given, expected;
};

TEST(ResultLineTest, JudgesARowByItsContent) {
    const std::vector<Row> cases = {
        // as the provider documents them
        {R"({"id":"b","custom_id":"a","response":{"status_code":200,"request_id":"r","body":{"x":1}},"error":null})",
         "a succeeded 200 []"},
        {R"({"id":"b","custom_id":"a","response":{"status_code":400,"body":{"error":{"message":"m","code":"bad"}}},"error":null})",
         "a failed 400 [bad]"},
        {R"({"id":"b","custom_id":"a","response":null,"error":{"code":"batch_expired","message":"m"}})",
         "a retry 0 [batch_expired]"},
        {R"({"id":"b","custom_id":"a","response":null,"error":{"code":"batch_cancelled","message":"m"}})",
         "a cancelled 0 [batch_cancelled]"},
        {R"({"id":"b","custom_id":"a","response":null,"error":{"code":"request_timeout","message":"m"}})",
         "a retry 0 [request_timeout]"},
        {R"({"id":"b","custom_id":"a","response":{"status_code":0,"request_id":"","body":{}},"error":null})",
         "a retry 0 []"},
        {R"({"custom_id":"a","response":null,"error":{"code":"no_answer","message":"m"}})",
         "a retry 0 [no_answer]"},
        // a model that is not there
        {R"({"custom_id":"a","response":{"status_code":404,"body":{"error":{"message":"m","code":"model_not_found"}}}})",
         "a no_model 404 [model_not_found]"},
        {R"({"custom_id":"a","response":{"status_code":404,"body":{"error":{"message":"This model is only supported in v1/responses and not in v1/chat/completions.","type":"invalid_request_error","param":"model","code":null}}}})",
         "a no_model 404 [invalid_request_error]"},
        {R"({"custom_id":"a","response":{"status_code":404,"body":{"error":{"message":"The model `x` does not exist or you do not have access to it.","code":null}}}})",
         "a no_model 404 []"},
        {R"({"custom_id":"a","response":{"status_code":404,"body":{"object":"error","message":"no x","code":404}}})",
         "a failed 404 []"},
        {R"({"custom_id":"a","response":{"status_code":404,"body":{"error":{"message":"Previous response with id 'x' not found.","param":"previous_response_id"}}}})",
         "a failed 404 []"},
        {R"({"custom_id":"a","response":{"status_code":400,"body":{"error":{"param":"model","code":"invalid_value"}}}})",
         "a no_model 400 [invalid_value]"},
        {R"({"custom_id":"a","response":{"status_code":400,"body":{"error":{"param":"messages","message":"the model says no"}}}})",
         "a failed 400 []"},
        {R"({"custom_id":"a","response":null,"error":{"code":"model_not_found","message":"m"}})",
         "a no_model 0 [model_not_found]"},
        {R"({"custom_id":"a","response":{"status_code":500,"body":{"error":{"code":"model_not_found"}}}})",
         "a retry 500 [model_not_found]"},
        // no status, and an answer all the same
        {R"({"custom_id":"a","response":{"status_code":0,"body":{"choices":[{}]}},"error":null})",
         "a succeeded 0 []"},
        {R"({"custom_id":"a","response":{"status_code":0,"body":{"usage":{},"error":{"code":"x"}}}})",
         "a retry 0 [x]"},
        {R"({"custom_id":"a","response":{"status_code":0,"body":{"detail":"connection refused"}}})",
         "a retry 0 []"},
        // keys that are missing, or stand in another order
        {R"({"response":{"body":{"x":[1,{"status_code":500}]},"status_code":201,"body":{"id":"x"}},"custom_id":"a"})",
         "a succeeded 201 []"},
        {R"({"error":{"message":"m","code":"batch_expired"},"custom_id":"a"})", "a retry 0 [batch_expired]"},
        // an error beside a response
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":{"code":"odd"}})",
         "a failed 200 [odd]"},
        {R"({"custom_id":"a","response":{"status_code":503},"error":{"code":"odd"}})", "a retry 503 [odd]"},
        {R"({"custom_id":"a","response":{"status_code":503},"error":{"code":"batch_cancelled"}})",
         "a cancelled 503 [batch_cancelled]"},
        {R"({"custom_id":"a","response":null,"error":{"code":"invalid_request"}})",
         "a failed 0 [invalid_request]"},
        {R"({"custom_id":"a","response":null,"error":"went wrong"})", "a failed 0 []"},
        {R"({"custom_id":"a","response":null,"error":{"code":null,"type":"bad","message":"m"}})",
         "a failed 0 [bad]"},
        {R"({"custom_id":"a","response":null,"error":true})", "a failed 0 []"},
        // an error that says nothing is none
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":{}})",
         "a succeeded 200 []"},
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":[]})",
         "a succeeded 200 []"},
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":""})",
         "a succeeded 200 []"},
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":"None"})",
         "a succeeded 200 []"},
        {R"({"custom_id":"a","error":false,"response":{"status_code":200,"body":{"id":"x"}}})",
         "a succeeded 200 []"},
        {R"({"error":{"code":"","message":""},"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}}})",
         "a succeeded 200 []"},
        {R"({"error":{"code":null,"message":null,"details":[],"more":{}},"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}}})",
         "a succeeded 200 []"},
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":{"details":[1]}})",
         "a failed 200 []"},
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":[{"code":"x"}]})",
         "a failed 200 [x]"},
        // faults that pass
        {R"({"custom_id":"a","response":null,"error":{"code":"server_error","message":"m"}})",
         "a retry 0 [server_error]"},
        {R"({"custom_id":"a","response":null,"error":{"code":"Rate_Limit_Exceeded"}})",
         "a retry 0 [Rate_Limit_Exceeded]"},
        {R"({"custom_id":"a","response":null,"error":{"code":"timeout"}})", "a retry 0 [timeout]"},
        {R"({"custom_id":"a","response":null,"error":{"type":"overloaded_error","message":"m"}})",
         "a retry 0 [overloaded_error]"},
        {R"({"custom_id":"a","response":null,"error":{"code":429,"message":"m"}})", "a retry 0 [429]"},
        {R"({"custom_id":"a","response":null,"error":{"code": 503 }})", "a retry 0 [503]"},
        {R"({"custom_id":"a","response":null,"error":{"code":"500"}})", "a retry 0 [500]"},
        {R"({"custom_id":"a","response":null,"error":503})", "a retry 0 [503]"},
        {R"({"custom_id":"a","response":null,"error":400})", "a failed 0 [400]"},
        {R"({"custom_id":"a","response":null,"error":{"status":500,"message":"m"}})", "a retry 0 [500]"},
        {R"({"custom_id":"a","response":null,"error":{"status":{"x":1},"message":"m"}})", "a failed 0 []"},
        {R"({"custom_id":"a","response":null,"error":[{"code":"server_error"},{"code":"x"}]})",
         "a retry 0 [server_error]"},
        {R"({"custom_id":"a","response":null,"error":{"code":400}})", "a failed 0 [400]"},
        {R"({"custom_id":"a","response":null,"error":{"code":0}})", "a failed 0 [0]"},
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":{"code":"server_error"}})",
         "a failed 200 [server_error]"},
        {R"({"custom_id":"a","response":{"status_code":400},"error":{"code":"server_error"}})",
         "a failed 400 [server_error]"},
        {R"({"custom_id":"a","response":{},"error":{"code":"server_error"}})", "a retry 0 [server_error]"},
        {R"({"custom_id":"a","response":{"status_code":null,"body":null},"error":{"code":"server_error"}})",
         "a retry 0 [server_error]"},
        {R"({"custom_id":"a","response":{"body":{"id":"x"}},"error":{"code":"server_error"}})",
         "a failed 0 [server_error]"},
        // numbers as texts, and a number for an id
        {R"({"custom_id":"a","response":{"status_code":"200","body":{"id":"x"}},"error":null})",
         "a succeeded 200 []"},
        {R"({"custom_id":"a","response":{"status_code":"503"},"error":null})", "a retry 503 []"},
        {R"({"custom_id":17,"response":{"status_code":200,"body":{"id":"x"}}})", "17 succeeded 200 []"},
        {R"({"response":{"status_code":200,"body":{"id":"x"}},"custom_id": 123456789012345678901234567890 })",
         "123456789012345678901234567890 succeeded 200 []"},
        // numbers that no machine holds, where nobody looks
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"seed":123456789012345678901234567890,"x":1e400}}})",
         "a succeeded 200 []"},
        // half a surrogate pair in a text for people
        {R"({"custom_id":"a","response":null,"error":{"message":"\ud83d","code":"bad"}})",
         "a failed 0 [bad]"},
        // a response that cannot be judged is never paid for again
        {R"({"custom_id":"a","response":{"body":{}},"error":null})", "a failed 0 []"},
        {R"({"custom_id":"a","response":{"status_code":"OK"},"error":null})", "a failed 0 []"},
        {R"({"custom_id":"a","response":{"status_code":200.0,"body":{"id":"x"}},"error":null})",
         "a succeeded 200 []"},
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}},"error":0})",
         "a succeeded 200 []"},
        {R"({"custom_id":"a","response":{"body":{"id":"x"}},"error":null})", "a succeeded 0 []"},
        {R"({"custom_id":"a","response":{"body":{"error":{"code":"c"}}},"error":null})", "a failed 0 [c]"},
        {R"({"custom_id":"a","response":null,"error":"server_error"})", "a retry 0 [server_error]"},
        {R"({"custom_id":"a","response":null,"error":"It is wrong."})", "a failed 0 []"},
        {R"({"custom_id":"a","response":null,"error":{"code":504.0}})", "a retry 0 [504.0]"},
        {R"({"custom_id":"a","response":{"status_code":99999999999999999999},"error":null})",
         "a failed 0 []"},
        {R"({"custom_id":"a","response":{"status_code":-1},"error":null})", "a failed 0 []"},
        {R"({"custom_id":"a","response":[],"error":null})", "a failed 0 []"},
        // what a model says is nobody's business
        {R"({"custom_id":"a","response":{"status_code":200,"body":{"choices":[{"error":{"code":"x"},"status_code":500}]}}})",
         "a succeeded 200 []"},
        {R"({"custom_id":"\u0061\"é","response":{"status_code":200,"body":{"id":"x"}}})",
         "a\"é succeeded 200 []"},
    };
    for (const Row& c : cases) EXPECT_EQ(describe(c.given), c.expected) << c.given;
}

TEST(ResultLineTest, KnowsWhichStatusIsWorthARetry) {
    const auto verdict = [](int status) {
        ResultParser parser;
        const GivenLine given(R"({"custom_id":"a","response":{"status_code":)" + std::to_string(status) +
                              R"(,"body":{"id":"x"})" + "}}");
        return parser.parse(given.line()).value().verdict;
    };
    for (const int status : {200, 201, 204, 299}) EXPECT_EQ(verdict(status), Verdict::succeeded) << status;
    for (const int status : {0, 408, 409, 425, 429, 500, 502, 503, 504, 520, 599})
        EXPECT_EQ(verdict(status), Verdict::retry) << status;
    for (const int status :
         {1, 100, 199, 300, 302, 400, 401, 403, 404, 407, 410, 413, 422, 428, 430, 499, 600, 99999})
        EXPECT_EQ(verdict(status), Verdict::failed) << status;
}

TEST(ResultLineTest, KnowsThatTheAccountCannotPay) {
    const auto verdict = [](const std::string& rest) {
        ResultParser parser;
        return parser.parse(GivenLine(R"({"custom_id":"a",)" + rest + "}").line()).value().verdict;
    };
    for (const char* unpaid :
         {R"("response":{"status_code":429,"body":{"error":{"code":"insufficient_quota"}}})",
          R"("response":{"status_code":429,"body":{"error":{"code":429,"type":"insufficient_quota"}}})",
          R"("response":{"status_code":402,"body":{"error":{"message":"Payment Required"}}})",
          R"("response":{"status_code":402})",
          R"("response":{"status_code":403,"body":{"error":{"message":"You exceeded your current quota."}}})",
          R"("response":null,"error":{"code":"billing_hard_limit_reached"})"})
        EXPECT_EQ(verdict(unpaid), Verdict::no_money) << unpaid;
    for (
        const char* passes :
        {R"("response":{"status_code":429,"body":{"error":{"message":"exceeded your current quota, retry in 2s"}}})",
         R"("response":{"status_code":500,"body":{"error":{"code":"insufficient_quota"}}})"})
        EXPECT_EQ(verdict(passes), Verdict::retry) << passes;
    EXPECT_EQ(
        verdict(R"("response":{"status_code":200,"body":{"choices":[]}},"error":{"code":"quota_exceeded"})"),
        Verdict::failed);
}

TEST(ResultLineTest, AFaultThatPassesIsOneHoweverItIsSpelt) {
    const auto verdict = [](const std::string& rest) {
        ResultParser parser;
        return parser.parse(GivenLine(R"({"custom_id":"a",)" + rest + "}").line()).value().verdict;
    };
    for (const std::string code :
         {"InternalServerError", "ServerError", "ServiceUnavailable", "TooManyRequests", "RateLimitReached",
          "upstream_error", "temporarily_unavailable", "429 Too Many Requests", "internal-failure",
          "Gateway timeout"}) {
        EXPECT_EQ(verdict(R"("response":null,"error":{"code":")" + code + "\"}"), Verdict::retry) << code;
        EXPECT_EQ(verdict(R"("response":null,"error":")" + code + "\""), Verdict::retry) << code;
    }
    for (const std::string code : {"server", "server_errors", "400 Bad Request", "model_error", ""})
        EXPECT_EQ(verdict(R"("response":null,"error":{"message":"m","code":")" + code + "\"}"),
                  Verdict::failed)
            << code;
}

TEST(ResultLineTest, KnowsWhatNeverRan) {
    const auto ran = [](const std::string& rest) {
        ResultParser parser;
        return parser.parse(GivenLine(R"({"custom_id":"a",)" + rest + "}").line()).value().ran;
    };
    EXPECT_TRUE(ran(R"("response":{"status_code":200,"body":{"id":"x"}})"));
    EXPECT_TRUE(ran(R"("response":{"status_code":400})"));
    EXPECT_TRUE(ran(R"("response":null,"error":{"code":"server_error"})"));
    EXPECT_FALSE(ran(R"("response":null,"error":{"code":"batch_expired"})"));
    EXPECT_FALSE(ran(R"("response":null,"error":{"code":"batch_cancelled"})"));
}

TEST(ResultLineTest, HasTheErrorForPeople) {
    const auto message = [](const std::string& rest) {
        ResultParser parser;
        const GivenLine given(R"({"custom_id":"a",)" + rest + "}");
        return std::string(parser.parse(given.line()).value().error_message);
    };
    EXPECT_EQ(message(R"("response":null,"error":{"code":"c","message":"of the row"})"), "of the row");
    EXPECT_EQ(message(R"("response":null,"error":"of the row")"), "of the row");
    EXPECT_EQ(message(R"("response":{"status_code":404,"body":{"error":{"message":"of the body"}}})"),
              "of the body");
    EXPECT_EQ(message(R"("response":{"status_code":404,"body":{"error":"of the body"}})"), "of the body");
    EXPECT_EQ(message(R"("response":{"status_code":200,"body":{"id":"x"}})"), "");
}

TEST(ResultLineTest, SaysWhyALineIsNoRow) {
    for (const std::string_view text :
         {"x", "[1]", "17", "null", "\"s\"", "{", R"({"custom_id":"a")",
          R"({"custom_id":"a","response":{"status_code":200,"body":{"id":"x"}})", R"({"custom_id":"a"}})",
          R"({"custom_id":"a"} {})", "{\"custom_id\":\"\xFF\"}", R"({"custom_id":"\x"})",
          "<html><body>Bad gateway</body></html>", "", "   ",
          R"({"custom_id":"a","response":{"status_code":200,"body":{"usage":{"prompt_tokens":NaN}}}})",
          "{\"custom_id\":\"a\",\"response\":{\"status_code\":200,\"body\":{\"x\":\"\x01\"}}}"})
        EXPECT_TRUE(describe(text).starts_with("BAD no JSON object (")) << text << " gave " << describe(text);
    for (const std::string_view text : {"{}", R"({"id":"a"})", R"({"custom_id":""})", R"({"custom_id":null})",
                                        R"({"custom_id":["a"]})", R"({"error":{"message":"overloaded"}})"})
        EXPECT_TRUE(describe(text).starts_with("BAD no \"custom_id\": {"))
            << text << " gave " << describe(text);
    // It tells nothing of whether the request ran and was paid for.
    for (const std::string_view text :
         {R"({"custom_id":"a"})", R"({"custom_id":"a","response":null,"error":null})",
          R"({"custom_id":"a","response":null,"error":{"code":null}})",
          R"({"custom_id":"a","response":null,"error":{}})"})
        EXPECT_TRUE(describe(text).starts_with("BAD neither \"response\" nor \"error\": {"))
            << describe(text);
    for (const std::string body : {"", R"(,"body":null)", R"(,"body":{})", R"(,"body":"")", R"(,"body":[])"})
        EXPECT_TRUE(
            describe(R"({"custom_id":"a","response":{"status_code":200)" + body + R"(},"error":null})")
                .starts_with("BAD status 200 without a body: {"))
            << body;
    ResultParser parser;
    EXPECT_EQ(parser.parse(Line{{}, 1, 0, 600'000'000, true}).error().what, "it has 600,000,000 bytes");
}

TEST(ResultLineTest, SurvivesEveryTruncation) {
    const std::string whole =
        R"({"id":"b","custom_id":"a\u00e9","response":{"status_code":200,"body":{"choices":[{"t":"x\"}"}],"usage":{"prompt_tokens":1}}},"error":null})";
    ResultParser parser;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const GivenLine cut(std::string_view(whole).substr(0, size));
        EXPECT_FALSE(parser.parse(cut.line())) << size;
    }
    EXPECT_TRUE(parser.parse(GivenLine(whole).line()));
}

TEST(ResultLineTest, SurvivesADepthBomb) {
    const std::string bomb = std::string(200'000, '[') + std::string(200'000, ']');
    const std::string line =
        R"({"custom_id":"a","response":{"status_code":200,"body":{"usage":)" + bomb + "}}}";
    EXPECT_EQ(describe(line), "a succeeded 200 []");
}

TEST(ResultLineTest, ServesLongLinesWithOneParser) {
    ResultParser parser;
    for (std::size_t size = 1; size < 3'000'000; size *= 5) {
        const GivenLine given(R"({"custom_id":"id","response":{"status_code":200,"body":{"b64":")" +
                              std::string(size, 'x') + R"(","usage":{"input_tokens":3}}}})");
        const auto row = parser.parse(given.line()).value();
        EXPECT_EQ(row.custom_id, "id");
        EXPECT_EQ(row.usage.value().input, 3U);
    }
}

}  // namespace
}  // namespace batchd::jsonl
