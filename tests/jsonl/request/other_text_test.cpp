#include <vector>

#include <gtest/gtest.h>

#include "jsonl/request/file_kind.hpp"

// What is no request a line and is easily taken for something else: named wrongly, it gets a command that
// makes requests of rubbish, and those are paid for. Each remedy was tried on a file of its kind.
namespace batchd::jsonl {
namespace {

using namespace std::string_literals;

const std::string kA1 = R"({"custom_id":"a1","body":{"model":"m","messages":[]}})";

/// Two lines, `before` and `after` each.
std::string two_lines(const std::string& before, const std::string& text = kA1,
                      const std::string& after = "") {
    return before + text + after + "\n" + before + text + after + "\n";
}

std::string in_utf16(const std::string& text, bool little) {
    std::string wide;
    for (const char c : text) wide += little ? std::string{c, '\0'} : std::string{'\0', c};
    return wide;
}

struct TextCase {
    std::string text;
    std::string_view kind;    ///< how it begins
    std::string_view remedy;  ///< what stands in it; "": no command
};

void expect_kinds(const std::vector<TextCase>& cases) {
    for (const TextCase& c : cases) {
        EXPECT_EQ(unreadable_kind(c.text), std::nullopt) << c.text;
        const FileKind found = text_kind(c.text).value_or(FileKind{});
        EXPECT_TRUE(found.kind.starts_with(c.kind)) << c.text << " is " << found.kind;
        EXPECT_EQ(found.kind.empty(), c.kind.empty()) << c.text << " is " << found.kind;
        EXPECT_NE(found.remedy.find(c.remedy), std::string::npos) << c.text << ": " << found.remedy;
        if (c.remedy.empty()) {
            EXPECT_EQ(found.remedy.find("FILE"), std::string::npos) << found.remedy;
        }
    }
}

TEST(OtherTextTest, TellsJsonInsideOfJsonAndOfCsvFromTexts) {
    const std::string twice = R"("{\"custom_id\":\"a1\",\"body\":{}}")";
    const std::string cell = R"("{""custom_id"":""a1"",""body"":{}}")";
    expect_kinds({
        {two_lines("", twice), "requests written as JSON twice", "jq -c fromjson FILE > NEW.jsonl"},
        {twice + "\n", "requests written as JSON twice", "jq -c fromjson FILE > NEW.jsonl"},
        {two_lines("", R"("{\n  \"custom_id\": \"a1\"}")"), "requests written as JSON twice",
         "jq -c fromjson"},
        {two_lines("", R"("{\"a\":1}")"), "JSON objects written as JSON twice", "jq -c fromjson FILE"},
        {R"("{\"custom_id\":\"a1\"}\n{\"custom_id\":\"a2\"}\n")",
         "a file of JSON lines written as one JSON text", "jq -r . FILE > NEW.jsonl"},
        {R"("[{\"custom_id\":\"a1\"}]")", "a JSON array written as JSON twice",
         "jq -c 'fromjson[]' FILE > NEW.jsonl"},
        {R"(["{\"custom_id\":\"a1\"}"])", "a JSON array of texts that hold JSON",
         "jq -c '.[] | fromjson' FILE > NEW.jsonl"},
        {two_lines("", cell), "a table (CSV) with one column of JSON", "csv.reader(open(\"FILE\""},
        {two_lines("", cell), "a table (CSV) with one column of JSON", " if r]' > NEW.jsonl"},
        {"request\r\n" + cell + "\r\n", "a table (CSV) with one column of JSON", "[1:] if r]' > NEW.jsonl"},
        {"\"{\n \"\"custom_id\"\": \"\"a1\"\"}\"\n", "a table (CSV) with one column of JSON", "csv.reader"},
        {two_lines("a1,", cell), "a table (CSV)", "mlr -S --icsv --ojsonl cat FILE"},
        {two_lines("", R"("Say \"hello\".")"), "made of JSON texts, one a line", "content: ."},
        {two_lines("", R"("{hello} there")"), "made of JSON texts, one a line", "content: ."},
    });
}

TEST(OtherTextTest, TakesRequestsOutOfArraysAndLeavesMessagesInThem) {
    expect_kinds({
        {two_lines("[", kA1, "]"), "made of JSON arrays, one a line", "jq -c '.[]' FILE > NEW.jsonl"},
        {two_lines("[", R"({"messages":[]})", "]"), "made of JSON arrays, one a line", "jq -c '.[]' FILE"},
        {two_lines("[", R"({"role":"user","content":"x"})", "]"), "made of JSON arrays, one a line",
         "jq -c '{body: {messages: .}}' FILE > NEW.jsonl"},
        {"[\n  {\"role\": \"user\", \"content\": \"x\"}\n]\n", "a JSON array of messages",
         "jq -c '{body: {messages: .}}' FILE > NEW.jsonl"},
        {two_lines("", "[2026-01-01 10:00:00] started"), "", ""},
        {two_lines("", "[1, 2]"), "made of JSON arrays, one a line", ""},
        {two_lines("", R"(["a", "b"])"), "made of JSON arrays, one a line", ""},
    });
}

TEST(OtherTextTest, TakesObjectsWithCommasApartLineByLine) {
    expect_kinds({{kA1 + "," + kA1 + ",\n" + kA1 + ", " + kA1 + "\n",
                   "JSON objects with commas between them, several on one line",
                   R"(jq -cR '"[" + sub(",\\s*$"; "") + "]" | fromjson[]' FILE > NEW.jsonl)"}});
}

TEST(OtherTextTest, SaysWhatStandsBeforeEachObject) {
    const std::string grep = "grep -ao '{.*}' FILE > NEW.jsonl";
    expect_kinds({
        {two_lines("\x1E"), "JSON texts with a record separator (\\x1e) before each, as jq --seq writes them",
         "tr -d '\\036' < FILE | jq -c . > NEW.jsonl"},
        {"\x1b[1;39m{\x1b[0m\x1b[34;1m\"custom_id\"\x1b[0m\x1b[1;39m:\x1b[0m\n",
         "JSON in the colours of a terminal", "jq -M"},
        {two_lines("\x1b[35m\x1b[Ka.jsonl\x1b[m\x1b[K:"), "JSON in the colours of a terminal",
         "[mK]//g' FILE"},
        {"\x1b[32m[INFO]\x1b[0m started\n", "", ""},
        {two_lines("a.jsonl:"), "JSON objects with something before each, first \"a.jsonl:\"", grep},
        {two_lines("a.jsonl:12:"), "JSON objects with something before each, first \"a.jsonl:12:\"", grep},
        {"     1\t" + kA1 + "\n     2\t" + kA1 + "\n",
         "JSON objects with something before each, first \"1\\x09\"", grep},
        {two_lines("2026-01-01 10:00:00,123 INFO "), "JSON objects with something before each, first \"2026-",
         grep},
        {two_lines("[2026-01-01 10:00:00] "), "JSON objects with something before each, first \"[2026-",
         grep},
        {two_lines("<14>host app: "), "JSON objects with something before each, first \"<14>host", grep},
        {two_lines("\u00A0"),
         "JSON objects with something before each, first \"\\xc2\\xa0\" (U+00A0, a no-break space)", grep},
        {two_lines("\u200B"), "JSON objects with something before each, first \"\\xe2\\x80\\x8b\" (U+200B",
         grep},
        {"\uFEFF\uFEFF" + kA1 + "\n",
         "JSON objects with something before each, first \"\\xef\\xbb\\xbf\" (U+FEFF, a byte order mark)",
         grep},
        {two_lines("send(", kA1, ");"), "JSON objects with something around each, first \"send(\"", grep},
        {two_lines("VALUES ('", kA1, "');"), "JSON objects with something around each", ""},
        {two_lines("app{1} "), "JSON objects with something before each, first \"app{1} \"", ""},
        {two_lines("b'", kA1, "'"), "bytes as Python prints them", "ast.literal_eval(l).decode()"},
        {two_lines("'", kA1, "'"), "texts as Python prints them", "print(ast.literal_eval(l))"},
        {two_lines("+"), "lines of a diff", "sed -n 's/^[+>] *{/{/p' FILE > NEW.jsonl"},
        {two_lines("> "), "lines of a diff", "sed -n"},
        {two_lines("-"), "lines of a diff", ""},
        {"diff --git a/a.jsonl b/a.jsonl\nindex 1..2 100644\n", "a diff", ""},
        {"--- a.jsonl\n+++ b.jsonl\n@@ -0,0 +1 @@\n+" + kA1 + "\n", "a diff", ""},
    });
}

TEST(OtherTextTest, TakesNoObjectsForFieldsOfATable) {
    expect_kinds({
        {two_lines("a,b ", R"({"x":1})"), "", ""},
        {"custom_id\tbody\na1\t{\"model\":\"m\"}\n", "a table with tabs (TSV)",
         "mlr -S --itsv --ojsonl cat FILE"},
        {"custom_id;prompt\na1;hello\n", "a table (CSV)", "mlr -S --icsv --ifs ';' --ojsonl cat FILE"},
    });
}

TEST(OtherTextTest, NamesWhatOtherProgramsLeftInItsPlace) {
    expect_kinds({
        {"<<<<<<< HEAD\n" + kA1 + "\n=======\n" + kA1 + "\n>>>>>>> b\n", "a file with a conflict of Git", ""},
        {kA1 + "\n<<<<<<< HEAD\n" + kA1 + "\n=======\n" + kA1 + "\n>>>>>>> b\n",
         "a file with a conflict of Git", ""},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "a pointer of Git LFS",
         "git lfs pull"},
        {"{\\rtf1\\ansi\\deff0\n{\\fonttbl{\\f0 Arial;}}\n", "a document in RTF", ""},
        {"{\u201Ccustom_id\u201D: \u201Ca1\u201D}\n", "JSON with typographic quotes",
         "sed 's/\u201C/\"/g; s/\u201D/\"/g; s/\u201E/\"/g' FILE > NEW.jsonl"},
        {"library(jsonlite)\nrequests <- list(\n", "code in R", ""},
        {"requests <- list(list(custom_id = \"a\"),\n  list(custom_id = \"b\"))\n", "code in R", ""},
        {"list(list(custom_id = \"a1\", body = list(model = \"m\")),\n  list(custom_id = \"b\"))\n",
         "code in R", ""},
        {"structure(list(custom_id = \"a1\"),\n class = \"data.frame\")\n", "code in R", ""},
        {"import json\nfrom openai import OpenAI\n", "code in Python", ""},
        {"- custom_id: a1\n  body:\n", "YAML", "yq -c '.[]' FILE > NEW.jsonl"},
        {"Import the file first.\nThen list all.\n", "plain text", "jq -Rc"},
        {"list the files here\nlist them again\n", "plain text", "jq -Rc"},
    });
}

TEST(OtherTextTest, SaysFromWhichLineOnAFileIsUtf16) {
    const std::string more = kA1 + "\r\n";
    const std::string little = in_utf16(more + more, true);
    expect_kinds({
        {kA1 + "\n" + little, "partly text in UTF-16, little end first, from line 2 on",
         "(head -n 1 FILE; tail -n +2 FILE | iconv -f UTF-16LE -t UTF-8) > NEW.jsonl"},
        {kA1 + "\n\n" + kA1 + "\n\xFF\xFE" + little,
         "partly text in UTF-16, little end first, from line 4 on",
         "(head -n 3 FILE; tail -n +4 FILE | iconv -f UTF-16 -t UTF-8) > NEW.jsonl"},
        {kA1 + "\n" + in_utf16(more + more, false), "partly text in UTF-16, big end first, from line 2 on",
         "iconv -f UTF-16BE"},
        {kA1 + little, "partly text in UTF-16, little end first, from line 1 on", ""},
    });
}

}  // namespace
}  // namespace batchd::jsonl
