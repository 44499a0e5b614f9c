#include "jsonl/request/request_rules.hpp"

#include <gtest/gtest.h>

#include "jsonl/given_line.hpp"
#include "jsonl/request/request_line.hpp"

namespace batchd::jsonl {
namespace {

RequestDefaults rules() {
    RequestDefaults rules{"/v1/chat/completions", "small", R"({"temperature":0,"stop":["\n"],"n":1})"};
    rules.models = {{"small", "my-deployment"}, {"quoted \"name\"", "b"}};
    rules.line_urls = {{"/v1/", "/v4/"}, {"/v1/embeddings", "/embed"}};
    return rules;
}

/// The line as it is sent.
std::string sent(std::string_view text) {
    RequestParser parser(rules());
    const GivenLine given(text);
    const auto request = parser.parse(given.line());
    if (!request) return "BAD " + request.error().what;
    std::string out;
    append_prepared(*request, out);
    return out + std::string(request->model) + " " + std::string(request->url);
}

TEST(RequestRulesTest, WhatABodySaysItselfGoesBeforeTheDefaults) {
    EXPECT_EQ(sent(R"({"custom_id":"a","body":{"messages":[],"temperature":1.0e0}})"),
              R"({"custom_id":"a","method":"POST","url":"/v4/chat/completions","body":)"
              R"({"model":"my-deployment","messages":[],"temperature":1.0e0,"stop":["\n"],"n":1}})"
              "\nmy-deployment /v4/chat/completions");
}

TEST(RequestRulesTest, AnotherModelIsSentForTheOneThatIsWritten) {
    for (const char* line : {R"({"custom_id":"a","body":{"model":"quoted \"name\"","messages":[]}})",
                             R"({"custom_id":"a","model":"quoted \"name\"","body":{"messages":[]}})",
                             R"({"custom_id":"a","model":"quoted \"name\"","messages":[]})"}) {
        const std::string text = sent(line);
        EXPECT_NE(text.find(R"("model":"b")"), std::string::npos) << text;
        EXPECT_NE(text.find("\nb "), std::string::npos) << text;
    }
    EXPECT_NE(sent(R"({"custom_id":"a","body":{"model":"other","messages":[]}})").find(R"("model":"other")"),
              std::string::npos);
}

TEST(RequestRulesTest, AKeyThatIsWrittenWithEscapesIsThere) {
    const std::string text = sent(R"({"custom_id":"a","body":{"messages":[],"t\u0065mperature":2}})");
    EXPECT_EQ(text.find(R"("temperature":0)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("t\u0065mperature":2)"), std::string::npos) << "as it was written";
}

TEST(RequestRulesTest, TheLongestBeginningOfAUrlCounts) {
    EXPECT_EQ(sent_url(rules(), "/v1/embeddings"), "/embed");
    EXPECT_EQ(sent_url(rules(), "/v1/responses"), "/v4/responses");
    EXPECT_EQ(sent_url(rules(), "/v2/responses"), "/v2/responses");
}

TEST(RequestRulesTest, AnEmptyBodyGetsTheDefaultsAlone) {
    EXPECT_EQ(sent_body(rules(), "{ }"), R"({"temperature":0,"stop":["\n"],"n":1})");
    EXPECT_EQ(sent_body(RequestDefaults{}, R"({"a" : 1e400 , "b":{}})"), R"({"a" : 1e400,"b":{}})");
}

}  // namespace
}  // namespace batchd::jsonl
