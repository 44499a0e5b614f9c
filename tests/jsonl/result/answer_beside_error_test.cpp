#include "jsonl/result/result_line.hpp"

#include <gtest/gtest.h>

#include "jsonl/given_line.hpp"

namespace batchd::jsonl {
namespace {

/// A row that has an error of this code beside its response.
ResultLine parse(ResultParser& parser, const std::string& response, const std::string& code) {
    const GivenLine given(R"({"custom_id":"a","response":)" + response + R"(,"error":{"code":")" + code +
                          "\"}}");
    return parser.parse(given.line()).value();
}

constexpr const char* kSaysThatItDidNotRun[]{"batch_expired", "batch_cancelled"};
constexpr const char* kSaid[]{"batch_expired",
                              "batch_cancelled",
                              "request_timeout",
                              "no_answer",
                              "server_error",
                              "success",
                              "200",
                              "odd"};

TEST(AnswerBesideErrorTest, AnAnswerStandsWhateverIsSaidBesideIt) {
    ResultParser parser;
    for (const std::string response :
         {R"({"status_code":200,"body":{"choices":[{}]}})", R"({"body":{"data":[{}]}})"})
        for (const std::string code : kSaid) {
            const ResultLine row = parse(parser, response, code);
            EXPECT_EQ(row.verdict, Verdict::succeeded) << response << code;
            EXPECT_TRUE(row.ran) << response << code;
        }
}

TEST(AnswerBesideErrorTest, WhatIsNoAnswerDoesNot) {
    ResultParser parser;
    for (const std::string response :
         {R"({"status_code":500,"body":{"choices":[{}]}})", R"({"status_code":200,"body":{}})",
          R"({"status_code":200,"body":{"error":{"message":"m"},"usage":{}}})"})
        for (const std::string code : kSaysThatItDidNotRun) {
            const ResultLine row = parse(parser, response, code);
            EXPECT_NE(row.verdict, Verdict::succeeded) << response << code;
            EXPECT_FALSE(row.ran) << response << code;
        }
}

}  // namespace
}  // namespace batchd::jsonl
