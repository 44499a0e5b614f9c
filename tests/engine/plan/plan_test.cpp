#include "engine/plan/plan.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "jsonl/rows/row_file.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

using config::OnInvalidLine;
using spool::ShardFile;

constexpr const char* kKey = "00000000-0000-4000-8000-000000000001";

struct PlanTest : ::testing::Test {
    testing::TempDir dir;
    spool::Layout layout{dir.path()};
    config::Settings settings;

    PlanTest() { make_directory(layout.work_directory(kKey)).value(); }

    Plan plan(std::string_view content) {
        replace_file(layout.input(kKey), content).value();
        return plan_job(layout, kKey, terms_of(settings)).value();
    }
    Path prepared(std::uint64_t shard) { return layout.shard_file(kKey, {shard, 1}, ShardFile::prepared); }
    static std::string line(const std::string& id, const std::string& model = "m") {
        return R"({"custom_id":")" + id +
               R"(","method":"POST","url":"/v1/chat/completions","body":{"model":")" + model +
               R"(","messages":[]}})" + "\n";
    }
    std::vector<std::string> left() {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(layout.work_directory(kKey)))
            names.push_back(entry.path().filename());
        std::sort(names.begin(), names.end());
        return names;
    }
};

TEST_F(PlanTest, WritesThePreparedFileOfEachShard) {
    settings.batch.max_requests = 2;
    const Plan result = plan(line("a") + line("b") + line("c"));
    ASSERT_EQ(result.shards.size(), 2U);
    EXPECT_EQ(testing::texts_of(prepared(1)), line("a") + line("b"));
    EXPECT_EQ(testing::texts_of(prepared(2)), line("c"));
    EXPECT_EQ(result.shards[0].size_bytes, line("a").size() * 2);
    EXPECT_EQ(jsonl::RowIndex::load(prepared(2)).value().rows()[0].line_number, 3U);
    EXPECT_EQ(result.totals.sha256.size(), 64U);
}

TEST_F(PlanTest, WritesNoRequestTwice) {
    plan(line("a") + R"({ "body": {"model": "m", "messages": []}, "custom_id" : "\u0062" })" + "\n" +
         R"({"body":{"messages":[]},"model":"m"})" + "\n");
    EXPECT_FALSE(file_exists(prepared(1)).value());
    const auto sent = [](const std::string& id, const std::string& body) {
        return R"({"custom_id":)" + id + R"(,"method":"POST","url":"/v1/chat/completions","body":)" + body +
               "}\n";
    };
    EXPECT_EQ(testing::texts_of(prepared(1)), line("a") +
                                                  sent("\"\\u0062\"", R"({"model": "m", "messages": []})") +
                                                  sent("\"line-3\"", R"({"model":"m","messages":[]})"));
}

TEST_F(PlanTest, WritesWhatIsMoreThanItsLine) {
    const std::string bare = R"({"model":"m","custom_id":"b","messages":[]})";
    const std::string torn = "{\"custom_id\":\"c\",\"body\":{\"model\":\"m\",\r\"messages\":[]}}";
    const Plan result = plan(line("a") + bare + "\n" + torn + "\n" + line("d"));
    ASSERT_EQ(result.shards.size(), 1U);
    const std::string texts = testing::texts_of(prepared(1));
    EXPECT_TRUE(texts.starts_with(line("a"))) << texts;
    EXPECT_TRUE(texts.ends_with(line("d"))) << texts;
    EXPECT_NE(texts.find(R"("custom_id":"b")"), std::string::npos);
    EXPECT_NE(texts.find(R"("m", "messages")"), std::string::npos) << "a CR is sent as a blank: " << texts;
    EXPECT_EQ(result.shards[0].size_bytes, texts.size());
    const std::string written = testing::slurp(prepared(1));
    EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 2) << "b and c alone: " << written;
}

TEST_F(PlanTest, AFileThatIsRejectedLeavesNoShardBehind) {
    settings.batch.max_requests = 1;
    const Plan result = plan(line("a") + line("b") + line("c") + "bad\n");
    EXPECT_TRUE(is_rejected(result, OnInvalidLine::reject));
    EXPECT_TRUE(result.shards.empty());
    EXPECT_EQ(left(), std::vector<std::string>{"input.jsonl"});
}

TEST_F(PlanTest, KeepsModelsApart) {
    const Plan result = plan(line("a", "m") + line("b", "n") + line("c", "m"));
    ASSERT_EQ(result.shards.size(), 2U);
    EXPECT_EQ(testing::texts_of(prepared(1)), line("a", "m") + line("c", "m"));
    EXPECT_EQ(testing::texts_of(prepared(2)), line("b", "n"));
}

TEST_F(PlanTest, ManyModelsAreWrittenWhole) {
    std::string content;
    for (int i = 0; i < 100; ++i) content += line("r" + std::to_string(i), "m" + std::to_string(i % 40));
    const Plan result = plan(content);
    std::uint64_t requests = 0;
    for (const Shard& shard : result.shards) {
        EXPECT_EQ(jsonl::RowIndex::load(prepared(shard.number)).value().rows().size(), shard.requests);
        requests += shard.requests;
    }
    EXPECT_EQ(requests, 100U);
}

TEST_F(PlanTest, ABadLineRejectsTheFileAndLeavesNothingToSend) {
    const Plan result = plan(line("a") + "nonsense\n" + line("b"));
    EXPECT_TRUE(is_rejected(result, settings.spool.on_invalid_line));
    EXPECT_EQ(left(), std::vector<std::string>{"input.jsonl"});
}

TEST_F(PlanTest, BadLinesAreSkippedWhereThatIsWanted) {
    settings.spool.on_invalid_line = OnInvalidLine::skip;
    const Plan result = plan(line("a") + "nonsense\n" + line("a") + line("b"));
    EXPECT_FALSE(is_rejected(result, OnInvalidLine::skip));
    EXPECT_EQ(testing::texts_of(prepared(1)), line("a") + line("b"));
    const std::string invalid = testing::slurp(layout.invalid(kKey));
    EXPECT_NE(invalid.find(R"("code":"invalid_line")"), std::string::npos);
    EXPECT_NE(invalid.find(R"("line":3)"), std::string::npos);
    EXPECT_EQ(jsonl::RowIndex::load(layout.invalid(kKey)).value().rows().size(), 2U);
}

TEST_F(PlanTest, AnIdIsInTheErrorsOfBadLinesOnlyWhereNoRequestHasIt) {
    settings.spool.on_invalid_line = OnInvalidLine::skip;
    const auto broken = [](const std::string& id) {
        return R"({"custom_id":")" + id +
               R"(","oops":1})"
               "\n";
    };
    const std::string content = broken("b") + broken("c") + line("a") + broken("a") + line("b") + broken("c");
    const std::vector<std::string> ids{"", "c", "", ""};
    const auto ids_of = [](const Plan& made) {
        std::vector<std::string> found;
        for (const ScannedBadLine& problem : made.problems) found.push_back(problem.custom_id);
        return found;
    };
    EXPECT_EQ(ids_of(plan(content)), ids);
    EXPECT_EQ(ids_of(plan_offline(layout.input(kKey), terms_of(settings)).value()), ids);
    std::istringstream errors(testing::texts_of(layout.invalid(kKey)));
    std::vector<std::string> written;
    for (std::string error; std::getline(errors, error);) written.push_back(error.substr(0, 27));
    EXPECT_EQ(written,
              (std::vector<std::string>{R"({"id":null,"custom_id":null)", R"({"id":null,"custom_id":"c",)",
                                        R"({"id":null,"custom_id":null)", R"({"id":null,"custom_id":null)"}));
    EXPECT_EQ(jsonl::RowIndex::load(layout.invalid(kKey)).value().rows()[0].id, digest128(""));
}

TEST_F(PlanTest, WhatAnInterruptedRunHasLeftIsReplaced) {
    settings.spool.on_invalid_line = OnInvalidLine::skip;
    settings.batch.model = "";
    plan(R"({"custom_id":"a","body":{"messages":[]}})"
         "\n" +
         line("b"));
    ASSERT_TRUE(file_exists(layout.invalid(kKey)).value());
    settings.batch.model = "m";  // mended, and started again
    const Plan result = plan(R"({"custom_id":"a","body":{"messages":[]}})"
                             "\n" +
                             line("b"));
    EXPECT_EQ(result.totals.bad_lines, 0U);
    EXPECT_FALSE(file_exists(layout.invalid(kKey)).value()) << "or line 1 would have an answer and an error";
}

TEST_F(PlanTest, AFileWithoutRequestsIsRejectedEitherWay) {
    for (const auto* content : {"", "\n\n", " \r\n"}) {
        EXPECT_TRUE(is_rejected(plan(content), OnInvalidLine::reject));
        EXPECT_TRUE(is_rejected(plan(content), OnInvalidLine::skip));
    }
}

TEST_F(PlanTest, AFileOfBadLinesOnlyIsNotRejectedWhereTheseAreSkipped) {
    settings.spool.on_invalid_line = OnInvalidLine::skip;
    const Plan result = plan("nonsense\n");
    EXPECT_FALSE(is_rejected(result, OnInvalidLine::skip));
    EXPECT_TRUE(result.shards.empty());
}

TEST_F(PlanTest, ThePlanThatIsShownOfflineIsTheOneThatIsMade) {
    settings.batch.max_requests = 2;
    const std::string content = line("a") + line("b", "n") + line("c") + line("d");
    const Plan made = plan(content);
    const Plan shown = plan_offline(layout.input(kKey), terms_of(settings)).value();
    ASSERT_EQ(shown.shards.size(), made.shards.size());
    for (std::size_t i = 0; i < made.shards.size(); ++i) {
        EXPECT_EQ(shown.shards[i].requests, made.shards[i].requests);
        EXPECT_EQ(shown.shards[i].size_bytes, made.shards[i].size_bytes);
        EXPECT_EQ(shown.shards[i].estimated_tokens, made.shards[i].estimated_tokens);
    }
}

TEST_F(PlanTest, OneProblemIsToldInOneLine) {
    const Plan result = plan(line("a") + line("a"));
    EXPECT_EQ(rejection_summary(result), R"(line 2: custom_id "a" was already used on line 1)");
    EXPECT_EQ(rejection_text(result, kKey),
              "line 2: custom_id \"a\" was already used on line 1\n\njob key: " + std::string(kKey) + "\n");
}

TEST_F(PlanTest, AnEmptyFileIsToldWhatItShouldHave) {
    const Plan result = plan("");
    EXPECT_NE(rejection_summary(result).find("one JSON object a line"), std::string::npos);
    EXPECT_EQ(rejection_text(result, kKey).find(rejection_summary(result)), 0U);
}

TEST_F(PlanTest, ProblemsAreNamedUpToAHundredAndTheRestIsCounted) {
    const auto bad = [](int count) {
        std::string content;
        for (int i = 0; i < count; ++i) content += "x\n";
        return content;
    };
    const Plan hundred = plan(bad(100));
    EXPECT_EQ(hundred.problems.size(), 100U);
    EXPECT_EQ(rejection_text(hundred, kKey).find("more bad lines"), std::string::npos);
    const Plan more = plan(bad(1101));
    EXPECT_EQ(more.problems.size(), 100U);
    EXPECT_EQ(more.totals.bad_lines, 1101U);
    EXPECT_NE(rejection_text(more, kKey).find("and 1,001 more bad lines\n"), std::string::npos);
    EXPECT_EQ(rejection_summary(more).find("1,101 bad lines; the first is line 1: "), 0U);
}

TEST_F(PlanTest, AMistakeOfTheWholeFileIsSaidFirstAndOnceAndThenAFewLines) {
    std::string pretty = "{\n";
    for (int i = 0; i < 50; ++i) pretty += "  \"key" + std::to_string(i) + "\": 1,\n";
    const Plan result = plan(pretty + "  \"last\": 1\n}\n");
    ASSERT_TRUE(result.totals.mistake);
    EXPECT_TRUE(is_rejected(result, OnInvalidLine::reject));
    EXPECT_TRUE(is_rejected(result, OnInvalidLine::skip)) << "nothing of it can be sent";
    const std::string text = rejection_text(result, kKey);
    EXPECT_EQ(text.find("it is pretty-printed JSON"), 0U) << text;
    EXPECT_EQ(text.find("jq -c"), text.rfind("jq -c"));
    EXPECT_NE(text.find("\nline 1: "), std::string::npos);
    EXPECT_EQ(text.find("line 4: "), std::string::npos) << text;
    EXPECT_NE(text.find("and 50 more bad lines\n"), std::string::npos) << text;
    EXPECT_EQ(rejection_summary(result), jsonl::sentence(*result.totals.mistake));
}

TEST_F(PlanTest, AFileThatIsMostlyFineKeepsItsBadLines) {
    const Plan result = plan("[1]\n" + line("a") + line("b"));
    EXPECT_FALSE(result.totals.mistake);
    EXPECT_EQ(rejection_summary(result).find("line 1: "), 0U);
}

TEST_F(PlanTest, AMistakeOfTheWholeFileLeavesNothingBehindWhereBadLinesAreSkipped) {
    settings.spool.on_invalid_line = OnInvalidLine::skip;
    EXPECT_TRUE(is_rejected(plan("[" + line("a") + "]\n"), OnInvalidLine::skip));
    EXPECT_EQ(left(), std::vector<std::string>{"input.jsonl"});
}

TEST_F(PlanTest, ABinaryFileIsRejectedByItsFirstBytes) {
    const Path input = layout.input(kKey);
    replace_file(input, "").value();
    std::filesystem::resize_file(input, 300'000'000'000);
    const Plan result = plan_job(layout, kKey, terms_of(settings)).value();
    EXPECT_TRUE(is_rejected(result, OnInvalidLine::skip));
    EXPECT_EQ(result.totals.bad_lines, 0U) << "none was read";
    EXPECT_EQ(rejection_text(result, kKey).find("it is full of NULs"), 0U);
}

TEST_F(PlanTest, WhatTheProviderWillRefuseIsShownOfflineOnly) {
    const std::string odd = R"({"custom_id":"a","url":"/v1/embeddings/","body":{"model":"m","input":"x"}})";
    const Plan made = plan(odd + "\n");
    EXPECT_TRUE(made.warnings.empty());
    const auto warnings = plan_offline(layout.input(kKey), terms_of(settings)).value().warnings;
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].what.find("ends with a slash"), std::string::npos);
}

TEST_F(PlanTest, AProblemIsOneLineWhateverTheIdHolds) {
    const std::string id = R"(a\nb\u0007)";
    const Plan result = plan(line(id) + line(id));
    EXPECT_EQ(rejection_summary(result).find('\n'), std::string::npos);
    EXPECT_NE(rejection_summary(result).find("\\x0a"), std::string::npos) << rejection_summary(result);
}

}  // namespace
}  // namespace batchd::engine
