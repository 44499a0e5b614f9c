#include "provider/direct/wire/envelope.hpp"

#include <gtest/gtest.h>

#include "jsonl/result/result_line.hpp"

namespace batchd::provider::direct {
namespace {

const LineHead kHead{"3f2a-s1", 7, "\"caf\\u00e9\""};

jsonl::ResultLine parsed(const std::string& line, jsonl::ResultParser& parser, std::string& padded) {
    padded = line + std::string(64, '\0');
    return parser.parse({.text = std::string_view(padded).substr(0, line.size()), .number = 1}).value();
}

TEST(EnvelopeTest, AnAnswersBodyIsByteForByte) {
    const std::string line = answer_line(kHead, 200, "req_1", R"({"a" : 1.50, "b":"\u00e9"})", true);
    EXPECT_EQ(line, R"({"id":"batchd_req_3f2a-s1_7","custom_id":"caf\u00e9","response":{"status_code":200,)"
                    R"("request_id":"req_1","body":{"a" : 1.50, "b":"\u00e9"}},"error":null})");
}

TEST(EnvelopeTest, IsOneLineWhateverTheBodyLooksLike) {
    const std::string line = answer_line(kHead, 200, "", "{\r\n  \"a\": 1\n}", true);
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
    EXPECT_NE(line.find(R"("request_id":"","body":{    "a": 1 })"), std::string::npos) << line;
}

TEST(EnvelopeTest, WhatIsNoJsonBecomesAnErrorObject) {
    const std::string page = "<html>\n\"no\" \xFF" + std::string(5000, 'x');
    const std::string line = answer_line(kHead, 404, "", page, false);
    EXPECT_NE(line.find(R"("body":{"error":{"message":"<html>)"), std::string::npos) << line;
    EXPECT_NE(line.find(R"("type":"not_json","param":null,"code":null}})"), std::string::npos);
    EXPECT_LT(line.size(), 3000U);
    jsonl::ResultParser parser;
    std::string padded;
    EXPECT_EQ(parsed(line, parser, padded).status_code, 404U);
}

TEST(EnvelopeTest, WhoeverReadsABatchsLinesReadsThese) {
    jsonl::ResultParser parser;
    std::string padded;
    const auto good =
        parsed(answer_line(kHead, 200, "r", R"({"usage":{"prompt_tokens":3,"completion_tokens":4}})", true),
               parser, padded);
    EXPECT_EQ(good.custom_id, "caf\u00e9");
    EXPECT_EQ(good.verdict, jsonl::Verdict::succeeded);
    EXPECT_EQ(good.usage.value().input + good.usage.value().output, 7U);
    const auto bad =
        parsed(answer_line(kHead, 400, "r", R"({"error":{"message":"no"}})", true), parser, padded);
    EXPECT_EQ(bad.verdict, jsonl::Verdict::failed);
    EXPECT_EQ(bad.status_code, 400U);
}

TEST(EnvelopeTest, ARowWithoutAnAnswerSaysWhy) {
    const std::string line = no_answer_line(kHead, "request_timeout", "no answer\nwithin 15m \xFF");
    EXPECT_EQ(line, R"({"id":"batchd_req_3f2a-s1_7","custom_id":"caf\u00e9","response":null,"error":)"
                    R"({"code":"request_timeout","message":"no answer\\x0awithin 15m \\xff"}})");
    jsonl::ResultParser parser;
    std::string padded;
    EXPECT_EQ(parsed(line, parser, padded).error_code, "request_timeout");
}

}  // namespace
}  // namespace batchd::provider::direct
