#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using LinesTest = SystemTest;
using Ids = std::vector<std::string>;

TEST_F(LinesTest, EveryFriendlyFormOfALineIsTaken) {
    bench.set("batch.model", "\"gpt-4o-mini\"");
    const std::string content =
        // A byte order mark, and a complete line with a line end of Windows.
        "\xEF\xBB\xBF" + chat_line("complete") +
        "\r\n"
        // Blank lines.
        "\n  \r\n"
        // No method, no url, no model, and keys of an answer that it once had.
        R"({"id":"batch_req_1","custom_id":"short","response":null,"error":null,"body":{"messages":[]}})"
        "\n"
        // No custom_id: it is named after its line.
        R"({"body":{"messages":[{"role":"user","content":"hello"}]}})"
        "\n"
        // A bare body.
        R"({"messages":[{"role":"user","content":"bare"}],"temperature":0.5})"
        "\n"
        // Text beyond ASCII, and no line end at the end of the file.
        R"({"custom_id":"zwölf €","body":{"messages":[{"role":"user","content":"日本語"}]}})";
    bench.drop("friendly", content);
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("friendly").output_ids(),
              (Ids{"complete", "short", "line-5", "line-6", "zwölf €"}));
    EXPECT_EQ(bench.database().value("SELECT requests FROM jobs"), "5");
}

TEST_F(LinesTest, AFileWithBadLinesIsRejectedWithEachOfThemNamed) {
    const std::string content = file_of({
        chat_line("a"),
        "this is no JSON",
        chat_line("b"),
        chat_line("a"),
        R"({"custom_id":"c","method":"GET","url":"/v1/chat/completions","body":{"model":"m","messages":[]}})",
        R"({"custom_id":"d","url":"https://elsewhere.example/v1","body":{"model":"m","messages":[]}})",
        R"({"custom_id":"e","body":{"messages":[]}})",
        R"({"custom_id":"f","body":{"model":"m","messages":[],"stream":true}})",
        "[1, 2]",
        R"({"custom_id":"","body":{"model":"m","messages":[]}})",
        R"({"custom_id":"g","body":"text"})",
    });
    bench.drop("bad", content);
    EXPECT_EQ(bench.run_once(), 1);
    const std::string reason = slurp(bench.rejected() / "bad/reason.txt");
    for (const int line : {2, 4, 5, 6, 7, 8, 9, 10, 11})
        EXPECT_NE(reason.find("line " + std::to_string(line) + ": "), std::string::npos)
            << "line " << line << " is not in:\n"
            << reason;
    EXPECT_EQ(reason.find("line 1: "), std::string::npos) << reason;
    EXPECT_EQ(reason.find("line 3: "), std::string::npos) << reason;
    EXPECT_NE(reason.find(R"(line 4: custom_id "a" was already used on line 1)"), std::string::npos)
        << reason;
    EXPECT_EQ(slurp(bench.rejected() / "bad/input.jsonl"), content);
    EXPECT_EQ(bench.job_state("bad"), "rejected");
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 0U);
}

TEST_F(LinesTest, AHundredBadLinesAreNamedAndTheRestCounted) {
    std::string content;
    for (int i = 0; i < 150; ++i) content += "bad\n";
    bench.drop("bad", content);
    EXPECT_EQ(bench.run_once(), 1);
    const std::string reason = slurp(bench.rejected() / "bad/reason.txt");
    EXPECT_NE(reason.find("line 100: "), std::string::npos);
    EXPECT_EQ(reason.find("line 101: "), std::string::npos);
    EXPECT_NE(reason.find("50 more"), std::string::npos) << reason;
}

TEST_F(LinesTest, AMistakeOfTheWholeFileIsSaidFirstWithItsRemedy) {
    bench.drop("array", "[" + chat_line("a") + "," + chat_line("b") + "]\n");
    bench.drop("packed", std::string("\x1F\x8B\x08\0\x99\xD0\x08\x6B\x02\xFF", 10));
    bench.drop("table", "custom_id,prompt\n1,hello\n");
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_TRUE(
        slurp(bench.rejected() / "array/reason.txt")
            .starts_with("it is a JSON array; one request a line is needed: jq -c '.[]' FILE > NEW.jsonl\n"));
    EXPECT_TRUE(slurp(bench.rejected() / "packed/reason.txt").starts_with("it is compressed with gzip; "));
    EXPECT_TRUE(slurp(bench.rejected() / "table/reason.txt").starts_with("it is a table (CSV); "));
    EXPECT_EQ(bench.database().count("jobs WHERE reason LIKE 'it is %'"), 3U);
}

TEST_F(LinesTest, ValidJsonIsSentByteForByteWhateverItsNumbers) {
    const std::string body =
        R"({"model": "m","messages":[],"x":[1e400,-0e+99999,)"
        R"(115792089237316195423570985008687907853269984665640564039457584007913129639935]})";
    bench.drop("numbers", R"({"custom_id":"a","body":)" + body + "}\n");
    EXPECT_EQ(bench.run_once(), 0);
    const std::string id = bench.database().value("SELECT input_file_id FROM batches");
    std::string sent;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.root() / "provider-1"))
        if (entry.is_regular_file() && entry.path().string().find(id) != std::string::npos)
            sent = slurp(entry.path());
    EXPECT_NE(sent.find(R"("body":)" + body + "}\n"), std::string::npos) << sent;
}

TEST_F(LinesTest, AModelBesideTheBodyIsUsedWhereTheBodyHasNone) {
    bench.set("batch.model", "\"gpt-4o-mini\"");
    bench.drop("beside", R"({"custom_id":"a","model":"big-model","body":{"messages":[]}})"
                         "\n");
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.database().value("SELECT model FROM batches"), "big-model");
}

TEST_F(LinesTest, LargeFilesOfNothingHoldUpNoSmallOne) {
    const std::string nothing(70'000'000, '\0');
    bench.drop("a-nothing", nothing);
    bench.drop("b-nothing", nothing);
    bench.drop("c-small", articles(1));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.published("c-small").output_ids(), article_ids(1));
    EXPECT_EQ(bench.database().count("jobs WHERE state = 'rejected' AND reason LIKE 'it is full of NULs%'"),
              2U);
}

TEST_F(LinesTest, ALineAboveItsLimitIsNamed) {
    bench.set("batch.max_line", "1000");
    bench.drop("long", file_of({chat_line("a"), std::string(2'000'000, 'x'), chat_line("b")}));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_TRUE(slurp(bench.rejected() / "long/reason.txt")
                    .starts_with("line 2: the line has 2,000,000 bytes; at most 1,000 are allowed"));
}

TEST_F(LinesTest, AFileWithoutARequestIsRejected) {
    bench.drop("empty", "");
    bench.drop("blank", "\n  \n\r\n");
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.job_state("empty"), "rejected");
    EXPECT_EQ(bench.job_state("blank"), "rejected");
    EXPECT_NE(slurp(bench.rejected() / "empty/reason.txt").find("no request"), std::string::npos);
}

TEST_F(LinesTest, ABadFileDoesNotKeepAGoodOneFromItsAnswers) {
    bench.drop("a-bad", "not a request\n");
    bench.drop("b-good", articles(3));
    bench.drop("c-bad", std::string("\xff\xfe\xff\n"));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.published("b-good").output_ids(), article_ids(3));
    EXPECT_EQ(bench.job_state("a-bad"), "rejected");
    EXPECT_EQ(bench.job_state("c-bad"), "rejected");
}

TEST_F(LinesTest, BadLinesAreSetAsideWhereTheConfigurationSaysSo) {
    bench.set("spool.on_invalid_line", "\"skip\"");
    bench.drop("mixed", file_of({chat_line("a"), "no JSON", chat_line("b"), chat_line("a")}));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = PublishedJob::read(bench.outbox() / "mixed");
    EXPECT_EQ(job.output_ids(), (Ids{"a", "b"}));
    ASSERT_EQ(job.errors.size(), 2U);
    EXPECT_EQ(job.errors[0].error_code(), "invalid_line");
    EXPECT_EQ(bench.database().rows("SELECT requests, succeeded, failed FROM jobs"),
              (std::vector<Database::Row>{{"4", "2", "2"}}));
}

TEST_F(LinesTest, AnIdWithAnAnswerIsNotAmongTheErrorsOfBadLines) {
    bench.set("spool.on_invalid_line", "\"skip\"");
    const std::string broken = R"({"custom_id":"a","oops":1})";
    bench.drop("before", file_of({broken, chat_line("a")}));
    bench.drop("behind", file_of({chat_line("a"), broken}));
    EXPECT_EQ(bench.run_once(), 0);
    for (const char* name : {"before", "behind"}) {
        const PublishedJob job = PublishedJob::read(bench.outbox() / name);
        EXPECT_EQ(job.output_ids(), Ids{"a"});
        EXPECT_EQ(slurp(bench.outbox() / name / "errors.jsonl").find(R"("custom_id":"a")"), std::string::npos)
            << name;
    }
}

TEST_F(LinesTest, TheAnswersOfTheProviderArePassedOnUnchanged) {
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    const std::string id = bench.database().value("SELECT output_file_id FROM batches");
    std::string from_provider;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.root() / "provider-1"))
        if (entry.is_regular_file() && entry.path().string().find(id) != std::string::npos)
            from_provider = slurp(entry.path());
    ASSERT_FALSE(from_provider.empty()) << "the provider's file " << id;
    std::istringstream lines(slurp(bench.outbox() / "articles/output.jsonl"));
    for (std::string line; std::getline(lines, line);)
        EXPECT_NE(from_provider.find(line + "\n"), std::string::npos) << line;
}

}  // namespace
}  // namespace batchd::testing
