#include "jsonl/chain/line_template.hpp"

#include <gtest/gtest.h>

namespace batchd::jsonl {
namespace {

std::string filled(std::string_view json) {
    const auto made = LineTemplate::parse(json);
    if (!made) return "no template: " + made.error().context;
    const auto line = made->fill([](const Hole& hole) -> std::optional<std::string> {
        if (hole.of == Hole::Of::answer) return "a \"b\"\n\xc3\xa9";
        if (hole.of == Hole::Of::custom_id) return "id-1";
        return hole.name == "input.body.gone" ? std::nullopt : std::optional(hole.path.back());
    });
    return line ? *line : "left out: " + line.error().context;
}

TEST(LineTemplateTest, ABodyBecomesALineWithTheIdOfTheAnswer) {
    EXPECT_EQ(filled(R"({"input": "Translate: {{answer}}"})"),
              R"({"custom_id":"id-1","body":{"input":"Translate: a \"b\"\n)"
              "\xc3\xa9"
              R"("}})");
}

TEST(LineTemplateTest, AWholeLineStaysOneAndGetsAnIdWhereItHasNone) {
    EXPECT_EQ(filled(R"({"custom_id": "2-{{custom_id}}", "body": {"n": 0.10}})"),
              R"({"custom_id":"2-id-1","body":{"n":0.10}})");
    EXPECT_EQ(filled(R"({"url": "/v1/responses", "body": {}})"),
              R"({"custom_id":"id-1","url":"/v1/responses","body":{}})");
    EXPECT_EQ(filled(R"({"params": {"a": 1}})"), R"({"custom_id":"id-1","params":{"a":1}})");
}

TEST(LineTemplateTest, WhatIsNoHoleStaysAsItIs) {
    EXPECT_EQ(filled("{\n  \"a\": \"{{ x } \\\" {{\", \"b\": [1e3, 1.50, true],\r\n\t\"c\": \" \" }"),
              R"({"custom_id":"id-1","body":{"a":"{{ x } \" {{","b":[1e3,1.50,true],"c":" "}})");
    EXPECT_EQ(filled(R"({"a": "\\{{ custom_id }}"})"), R"({"custom_id":"id-1","body":{"a":"\\id-1"}})");
}

TEST(LineTemplateTest, APlaceInTheRequestIsGivenByItsSteps) {
    EXPECT_EQ(filled(R"({"a": "{{input.body.messages.0}}, {{input.custom_id}}"})"),
              R"({"custom_id":"id-1","body":{"a":"0, custom_id"}})");
    EXPECT_EQ(filled(R"({"a": "{{input.body.gone}}"})"), "left out: {{input.body.gone}} is not there");
}

TEST(LineTemplateTest, AMistakeIsNamedWithItsLine) {
    EXPECT_EQ(
        filled("{\"a\":\n\n \"{{answr}}\"}"),
        "no template: in line 3 of it, there is no {{answr}}: it must be {{answer}}, {{custom_id}} or a "
        "place in the request, such as {{input.body.messages.0.content}}");
    EXPECT_EQ(filled("{\"a\": 1,\n}").substr(0, 58),
              "no template: in line 2 of it, it is not valid JSON: syntax");
    EXPECT_EQ(filled("[1]"),
              "no template: in line 1 of it, it must be a JSON object, a request line or a body");
    EXPECT_EQ(filled("{} {}"), "no template: in line 1 of it, something stands behind the JSON value");
    EXPECT_EQ(filled(R"({"a": "{{input.}}"})").substr(0, 46),
              "no template: in line 1 of it, there is no {{in");
    EXPECT_EQ(
        filled("{\"body\": {},\n\"custom_id\": \"same\"}"),
        "no template: in line 2 of it, the id must have {{custom_id}} in it: no two lines may have the same");
}

}  // namespace
}  // namespace batchd::jsonl
