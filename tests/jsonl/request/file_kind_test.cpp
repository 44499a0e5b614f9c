#include "jsonl/request/file_kind.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace batchd::jsonl {
namespace {

using namespace std::string_literals;

const std::string kRequest =
    R"({"custom_id":"a1","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"x"}]}})";

/// The text with `before` and `after` as many NULs around each byte.
std::string widened(const std::string& text, std::size_t before, std::size_t after) {
    std::string wide;
    for (const char c : text) wide += std::string(before, '\0') + c + std::string(after, '\0');
    return wide;
}

std::string kind(std::string_view head) {
    if (const auto unreadable = unreadable_kind(head)) return unreadable->kind;
    const auto text = text_kind(head);
    return text ? text->kind : "";
}

std::string remedy(std::string_view head) {
    const auto found = text_kind(head);
    return found ? found->remedy : "";
}

struct HeadCase {
    std::string head;
    std::string_view kind;  ///< how it begins
};

TEST(FileKindTest, KnowsWhatIsNoTextInUtf8) {
    const std::vector<HeadCase> cases = {
        {"\x1F\x8B\x08\x00\x99\xD0\x08\x6B"s, "compressed with gzip"},
        {"\x28\xB5\x2F\xFD\x24"s, "compressed with zstd"},
        {"\xFD"
         "7zXZ\0\0"s,
         "compressed with xz"},
        {"BZh91AY&SY"s, "compressed with bzip2"},
        {"PK\x03\x04\x14"s, "a zip archive"},
        {"%PDF-1.7\n"s, "a PDF document"},
        {"SQLite format 3\0"s, "an SQLite database"},
        {std::string(257, 'x') + "ustar  more"s, "a tar archive"},
        {"\xFF\xFE"s + widened(kRequest, 0, 1), "text in UTF-16, little end first"},
        {"\xFE\xFF"s + widened(kRequest, 1, 0), "text in UTF-16, big end first"},
        {widened(kRequest, 0, 1), "text in UTF-16 without a mark, little end first"},
        {widened(kRequest, 1, 0), "text in UTF-16 without a mark, big end first"},
        {"\xFF\xFE\0\0"s + widened(kRequest, 0, 3), "text in UTF-32, little end first"},
        {"\0\0\xFE\xFF"s + widened(kRequest, 3, 0), "text in UTF-32, big end first"},
        {widened(kRequest, 0, 3), "text in UTF-32 without a mark, little end first"},
        {widened(kRequest, 3, 0), "text in UTF-32 without a mark, big end first"},
        {std::string(4096, '\0'), "full of NULs"},
        {kRequest + "\n" + std::string(4096, '\0'), "text that goes over into NULs"},
        {"\x7F"
         "ELF\2\1\1\0\0\0\0"s,
         "a binary file"},
    };
    for (const HeadCase& c : cases)
        EXPECT_TRUE(kind(c.head).starts_with(c.kind)) << c.kind << ": " << kind(c.head);
}

TEST(FileKindTest, TakesWhateverMayBeJsonLinesForReadable) {
    for (const std::string& head :
         {""s, "\n"s, kRequest, "\xEF\xBB\xBF"s + kRequest, "nonsense\n"s, "\x1b[31m{}\n"s,
          kRequest + "\n" + std::string(3, '\0') + kRequest, "\xC3\xA9\xFF{}"s})
        EXPECT_EQ(unreadable_kind(head), std::nullopt) << head;
}

TEST(FileKindTest, KnowsTextInAnotherForm) {
    const std::string pretty = "{\n  \"custom_id\": \"a1\",\n  \"body\": {\n    \"model\": \"m\"\n  }\n}\n";
    const std::vector<HeadCase> cases = {
        {"[" + kRequest + "," + kRequest + "]\n", "a JSON array"},
        {"\xEF\xBB\xBF[\n  " + kRequest + ",\n  " + kRequest + "\n]", "a JSON array"},
        {pretty + pretty, "pretty-printed JSON"},
        {"{\"custom_id\": \"a1\",\n \"body\": {\"model\": \"m\"}}\n", "pretty-printed JSON"},
        {"{\"requests\": [" + kRequest + "]}", "one JSON document with a list, \"requests\""},
        {"{\"version\": 1,\n \"data\": [\n{\"custom_id\": \"a\"}]}",
         "one JSON document with a list, \"data\""},
        {kRequest + ",\n" + kRequest + ",\n", "JSON objects with commas between them"},
        {kRequest + kRequest + "\n", "JSON objects of which several stand on one line"},
        {"{'custom_id': 'a1', 'body': {'model': 'm'}}\n", "text as Python prints it"},
        {"[{'custom_id': 'a1'}]\n", "text as Python prints it"},
        {"{\"custom_id\": \"a1\", \"body\": {\"model\": \"m\", \"store\": True}}\n",
         "text as Python prints it"},
        {"{custom_id: \"a1\", body: {model: \"m\"}}\n", "JavaScript rather than JSON"},
        {"{\"custom_id\": \"a1\", /* first */ \"body\": {}}\n", "JSON with comments"},
        {"// requests\n", ""},
        {"{\"custom_id\": \"a1\", \"body\": {\"model\": \"m\",},}\n", "JSON with commas before"},
        {"custom_id,prompt\n1,hello\n", "a table (CSV)"},
        {"\"id\",\"prompt\",\"model\"\n\"1\",\"say, 1\",\"m\"\n", "a table (CSV)"},
        {"custom_id;prompt\r\n1;hello\r\n", "a table (CSV)"},
        {"custom_id\tprompt\n1\thello, you\n", "a table with tabs (TSV)"},
        {"<!DOCTYPE html>\n<html>", "a page of the web"},
        {"<HTML><body>502 Bad Gateway", "a page of the web"},
        {"<?xml version=\"1.0\"?>\n<a/>", "XML"},
        {"---\n- custom_id: a1\n", "YAML"},
        {"- custom_id: a1\n  body:\n", "YAML"},
        {"custom_id: a1\nbody:\n", "YAML"},
        {"data: {\"id\":\"x\"}\n\ndata: [DONE]\n", "a stream of events"},
        {R"({"error":{"message":"not found"}})", "an error message of a server"},
        {R"({"id":"b","custom_id":"a","response":{"status_code":200,"body":{}},"error":null})",
         "a file of answers"},
        {R"({"custom_id":"a","params":{"model":"m","messages":[]}})",
         "made of requests in the form of Anthropic"},
        {R"({"key":"a","request":{"contents":[]}})", "made of requests in the form of Gemini"},
        {R"({"id":1,"text":"hello"})", "made of JSON objects that are no requests"},
        {"[{\"role\":\"user\"}]\n[{\"role\":\"user\"}]\n", "made of JSON arrays, one a line"},
        {"\"say hello\"\n\"say it again\"\n", "made of JSON texts, one a line"},
        {"Say hello.\nSay it again.\n", "plain text"},
        {"{\"custom_id\": \"caf\xE9\", \"body\": {\"model\": \"m\"}}\n",
         "text in another encoding than UTF-8"},
    };
    for (const HeadCase& c : cases) {
        EXPECT_EQ(unreadable_kind(c.head), std::nullopt) << c.head;
        EXPECT_TRUE(kind(c.head).starts_with(c.kind)) << c.head << " is " << kind(c.head);
        EXPECT_EQ(kind(c.head).empty(), c.kind.empty()) << c.head;
    }
}

TEST(FileKindTest, SaysNothingOfSlipsInSingleLines) {
    for (const std::string& head :
         {"nonsense\n"s, "this is no JSON, or is it?\n"s, "[section]\nkey=value\n"s, "not a request\n"s,
          R"({"custom_id":"a" "body":{}})"s, R"({"custom_id":"a","body":{"x":"he said "it's" so"}})"s,
          R"({"custom_id":"a","body":{"model":"m")"s, "bad\nbad\n"s, R"({"custom_id":"a","body":{"n":NaN}})"s,
          R"({"custom_id":"a","body":{"messages":[{"role":"user"}],"stream":true}})"s})
        EXPECT_EQ(kind(head), "") << head;
}

TEST(FileKindTest, NamesTheCommandThatMakesLinesOfIt) {
    EXPECT_EQ(sentence(text_kind("[" + kRequest + "]").value()),
              "it is a JSON array; one request a line is needed: jq -c '.[]' FILE > NEW.jsonl");
    EXPECT_EQ(remedy("{\"requests\": [" + kRequest + "]}"),
              "one request a line is needed: jq -c '.requests[]' FILE > NEW.jsonl");
    EXPECT_NE(remedy("{\n \"custom_id\": \"a\"\n}\n").find("jq -c . FILE"), std::string::npos);
    EXPECT_NE(unreadable_kind("\x1F\x8B\x08"s)->remedy.find("gunzip"), std::string::npos);
}

TEST(FileKindTest, IsSettledByAHeadThatIsCutAnywhere) {
    std::string pretty = "{\n  \"custom_id\": \"a1\",\n  \"body\": {\"model\": true, \"x\": \"";
    pretty += std::string(2 * kHeadBytes, 'x');
    EXPECT_EQ(kind(pretty), kind("{\n\"custom_id\": \"a\"}"));
    const std::string whole = kRequest + "\n[1]\n";
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(kind(whole.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace batchd::jsonl
