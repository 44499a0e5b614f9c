#include "jsonl/chain/next_line.hpp"

#include <gtest/gtest.h>

namespace batchd::jsonl {
namespace {

constexpr const char* kRequest =
    R"({"custom_id":"a","body":{"messages":[{"role":"user","content":"Why?"}],"n":3,"tags":["x","y"]}})";

std::string next(const std::string& json, const std::string& body, const std::string& request = kRequest) {
    NextLine line(LineTemplate::parse(json).value());
    const auto made =
        line.of(R"({"custom_id":"a","response":{"status_code":200,"body":)" + body + "}}", request);
    return made ? *made : "left out: " + made.error().context;
}
std::string answer_in(const std::string& body) {
    const std::string line = next(R"({"a":"{{answer}}"})", body);
    const std::string before = R"({"custom_id":"a","body":{"a":")";
    return line.starts_with(before) ? line.substr(before.size(), line.size() - before.size() - 3) : line;
}

TEST(NextLineTest, TheAnswersTextIsWhereEachKindOfAnswerHasIt) {
    EXPECT_EQ(answer_in(R"({"choices":[{"message":{"content":"yes"}},{"message":{"content":"no"}}]})"),
              "yes");
    EXPECT_EQ(
        answer_in(R"({"choices":[{"message":{"content":[{"type":"text","text":"in "},{"text":"parts"}]}}]})"),
        "in parts");
    EXPECT_EQ(answer_in(R"({"choices":[{"text":"completed"}]})"), "completed");
    EXPECT_EQ(answer_in(R"({"output":[{"type":"reasoning","content":[{"text":"hm"}]},)"
                        R"({"type":"message","content":[{"type":"output_text","text":"said"}]}]})"),
              "said");
    EXPECT_EQ(answer_in(R"({"content":[{"type":"text","text":"native"}]})"), "native");
    EXPECT_EQ(answer_in(R"({"candidates":[{"content":{"parts":[{"text":"candidate"}]}}]})"), "candidate");
    EXPECT_EQ(answer_in(R"({"choices":[{"message":{"content":""}}]})"), "");
}

TEST(NextLineTest, AnAnswerWithoutATextHasNoNextLine) {
    EXPECT_EQ(answer_in(R"({"data":[{"embedding":[0.5]}]})"), "left out: {{answer}} is not there");
    EXPECT_EQ(answer_in(R"({"choices":[{"message":{"content":null,"tool_calls":[]}}]})"),
              "left out: {{answer}} is not there");
}

TEST(NextLineTest, APlaceInTheRequestIsItsTextOrItsJson) {
    const auto place = [](const std::string& name, const std::string& request = kRequest) {
        return next(R"({"q":"{{)" + name + R"(}}"})", R"({"choices":[]})", request).substr(25);
    };
    EXPECT_EQ(place("input.body.messages.0.content"), R"("q":"Why?"}})");
    EXPECT_EQ(place("input.body.n"), R"("q":"3"}})");
    EXPECT_EQ(place("input.body.tags"), R"("q":"[\"x\",\"y\"]"}})");
    EXPECT_EQ(place("input.body.n", R"({"n":4})"), R"("q":"4"}})") << "a line that is a body";
    EXPECT_EQ(place("input.custom_id", R"({"n":4})"), R"("q":"a"}})") << "the id that it has got";
    EXPECT_EQ(next(R"({"q":"{{input.body.messages.1.content}}"})", "{}"),
              "left out: {{input.body.messages.1.content}} is not there");
}

}  // namespace
}  // namespace batchd::jsonl
