#include "jsonl/match/match_results.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "jsonl/rows/row_file.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::jsonl {
namespace {

using testing::TempDir;

std::string sent(const std::string& id) {
    return R"({"custom_id":")" + id + R"(","method":"POST","url":"/v1/x","body":{"model":"m"}})";
}
std::string answer(const std::string& id, int status = 200) {
    return R"({"id":"b","custom_id":")" + id + R"(","response":{"status_code":)" + std::to_string(status) +
           R"(,"body":{"usage":{"prompt_tokens":2,"completion_tokens":3}}},"error":null})";
}
std::string refusal(const std::string& id, const std::string& code) {
    return R"({"custom_id":")" + id + R"(","response":null,"error":{"code":")" + code + R"("}})";
}
std::string no_answer(const std::string& id) {
    return R"({"id":null,"custom_id":")" + id +
           R"(","response":null,"error":{"code":"no_answer","message":"The provider gave no answer to this request."}})";
}

/// A shard that sent the ids a, b, c … as lines 10, 20, 30 … of the input.
class Shard {
public:
    explicit Shard(const std::vector<std::string>& ids) {
        paths_.prepared = dir_.path() / "prepared.jsonl";
        paths_.succeeded = dir_.path() / "succeeded.jsonl";
        paths_.failed = dir_.path() / "failed.jsonl";
        paths_.again = dir_.path() / "again.jsonl";
        paths_.unreadable = dir_.path() / "unreadable.jsonl";
        auto writer = RowFileWriter::create(paths_.prepared);
        for (const std::string& id : ids)
            EXPECT_TRUE(writer->append((writer->count() + 1) * 10, digest128(id), sent(id)));
        EXPECT_TRUE(writer->commit());
    }

    void give(std::string_view content) {
        const std::string name = "result-" + std::to_string(paths_.results.size());
        paths_.results.push_back(dir_.write(name, content));
    }
    MatchReport match(Attempts attempts = Attempts::left,
                      WhenCancelled when_cancelled = WhenCancelled::retry) {
        return match({.attempts = attempts, .when_cancelled = when_cancelled});
    }
    MatchReport match(const MatchOptions& options) { return match_results(paths_, options).value(); }
    /// The texts of a row file with their LFs, "none" where there is no file.
    static std::string text(const Path& path) {
        return row_file_exists(path).value() ? testing::texts_of(path) : "none";
    }
    std::string succeeded() const { return text(paths_.succeeded); }
    std::string failed() const { return text(paths_.failed); }
    std::string again() const { return text(paths_.again); }
    std::string unreadable() const {
        return file_exists(paths_.unreadable).value() ? testing::slurp(paths_.unreadable) : "none";
    }
    const MatchPaths& paths() const { return paths_; }
    /// What the lines that count have used.
    money::Usage charged() const {
        money::Usage sum;
        ResultMatch::read(paths_, [&](const ResultLine& row) { sum += row.usage.value(); }).value();
        return sum;
    }
    const TempDir& dir() const { return dir_; }

private:
    TempDir dir_;
    MatchPaths paths_;
};

TEST(MatchResultsTest, PutsAnswersIntoTheOrderOfTheInput) {
    Shard shard({"a", "b", "c", "d"});
    shard.give(answer("c") + "\n" + answer("a") + "\n");
    shard.give(answer("d", 400) + "\n" + answer("b") + "\n");
    const MatchReport report = shard.match();
    EXPECT_EQ(shard.succeeded(), answer("a") + "\n" + answer("b") + "\n" + answer("c") + "\n");
    EXPECT_EQ(shard.failed(), answer("d", 400) + "\n");
    EXPECT_EQ(shard.again(), "none");
    EXPECT_EQ(report.succeeded, 3U);
    EXPECT_EQ(report.failed, 1U);
    EXPECT_EQ(report.again, 0U);
    EXPECT_EQ(shard.charged(), (money::Usage{.input = 8, .output = 12}));  // that of the failed one as well
    const auto rows = RowIndex::load(shard.paths().succeeded).value();
    EXPECT_EQ(rows.rows()[2].line_number, 30U);
    EXPECT_EQ(rows.rows()[2].id, digest128("c"));
}

TEST(MatchResultsTest, SendsAgainWhatIsWorthItWhileAttemptsAreLeft) {
    Shard shard({"a", "b", "c", "d"});
    shard.give(answer("b", 429) + "\n" + refusal("a", "batch_expired") + "\n" + answer("c") + "\n");
    const MatchReport report = shard.match();
    EXPECT_EQ(shard.again(), sent("a") + "\n" + sent("b") + "\n" + sent("d") + "\n");
    EXPECT_EQ(shard.succeeded(), answer("c") + "\n");
    EXPECT_EQ(shard.failed(), "none");
    EXPECT_EQ(report.again, 3U);
    EXPECT_EQ(report.missing, 1U);
    const auto rows = RowIndex::load(shard.paths().again).value();
    EXPECT_EQ(rows.rows()[1].line_number, 20U);
}

TEST(MatchResultsTest, GivesUpWhenNoAttemptsAreLeft) {
    Shard shard({"a", "b", "c"});
    shard.give(answer("b", 429) + "\n" + refusal("a", "batch_expired"));
    const MatchReport report = shard.match(Attempts::exhausted);
    EXPECT_EQ(shard.failed(),
              refusal("a", "batch_expired") + "\n" + answer("b", 429) + "\n" + no_answer("c") + "\n");
    EXPECT_EQ(shard.again(), "none");
    EXPECT_EQ(report.failed, 3U);
    EXPECT_EQ(report.missing, 1U);
}

TEST(MatchResultsTest, ARowWithoutAModelFailsOrGoesElsewhereAsIsDecided) {
    Shard shard({"a", "b", "c"});
    shard.give(refusal("a", "model_not_found") + "\n" + answer("b", 400) + "\n" + answer("c"));
    EXPECT_EQ(shard.match().again, 0U);
    EXPECT_EQ(shard.failed(), refusal("a", "model_not_found") + "\n" + answer("b", 400) + "\n");
    const MatchReport report = shard.match({.without_model = WithoutModel::elsewhere});
    EXPECT_EQ(report.without_model, 1U);
    EXPECT_EQ(report.again, 1U);
    EXPECT_EQ(shard.again(), sent("a") + "\n");
    EXPECT_EQ(shard.failed(), answer("b", 400) + "\n");
}

TEST(MatchResultsTest, LeavesItToTheCallerWhatACancelMeans) {
    Shard shard({"a", "b"});
    shard.give(refusal("a", "batch_cancelled") + "\n" + refusal("b", "batch_expired") + "\n");
    shard.match(Attempts::left, WhenCancelled::retry);
    EXPECT_EQ(shard.again(), sent("a") + "\n" + sent("b") + "\n");
    EXPECT_EQ(shard.failed(), "none");
    shard.match(Attempts::left, WhenCancelled::give_up);
    EXPECT_EQ(shard.again(), sent("b") + "\n");
    EXPECT_EQ(shard.failed(), refusal("a", "batch_cancelled") + "\n");
}

TEST(MatchResultsTest, TakesNoResultFilesForNoAnswers) {
    Shard shard({"a", "b"});
    EXPECT_EQ(shard.match().again, 2U);
    EXPECT_EQ(shard.match(Attempts::exhausted).failed, 2U);
    EXPECT_EQ(shard.failed(), no_answer("a") + "\n" + no_answer("b") + "\n");
    EXPECT_EQ(shard.again(), "none");  // the one of the first round is gone
}

TEST(MatchResultsTest, SaysWhatTheFilesHoldBeforeAnythingIsDecided) {
    Shard shard({"a", "b", "c", "d", "e"});
    shard.give(answer("a") + "\n" + answer("b", 400) + "\n" + refusal("c", "batch_expired") + "\n" +
               answer("alien") + "\n{\"custom_id\":\"d\",\n<html>\n");
    const auto match = ResultMatch::read(shard.paths()).value();
    EXPECT_EQ(match.found().rows, 5U);
    EXPECT_EQ(match.found().ran, 2U);
    EXPECT_EQ(match.found().missing, 2U);
    EXPECT_EQ(match.found().unknown, 1U);
    EXPECT_EQ(match.found().unreadable, 2U);
    EXPECT_EQ(match.found().nameless, 1U);
    for (const auto& text : {shard.succeeded(), shard.failed(), shard.again(), shard.unreadable()})
        EXPECT_EQ(text, "none");
}

TEST(MatchResultsTest, ARowWithoutALineIsLostRetriedOrGivenUpAsIsDecided) {
    Shard shard({"a", "b"});
    shard.give(answer("a") + "\n");
    EXPECT_EQ(shard.match({.unanswered = Unanswered::retry}).again, 1U);
    const MatchReport lost = shard.match({.unanswered = Unanswered::lost});
    EXPECT_EQ(lost.failed, 1U);
    EXPECT_EQ(lost.lost, 1U);
    EXPECT_EQ(lost.again, 0U);
    EXPECT_NE(shard.failed().find(R"("custom_id":"b","response":null,"error":{"code":"answer_lost")"),
              std::string::npos);
    const MatchReport given_up =
        shard.match({.unanswered = Unanswered::give_up, .missing = {"batch_cancelled", "m"}});
    EXPECT_EQ(given_up.lost, 0U);
    EXPECT_NE(shard.failed().find("batch_cancelled"), std::string::npos);
}

TEST(MatchResultsTest, ARowThatAnUnreadableLineNamesIsNeverSentAgain) {
    Shard shard({"a", "b", "c"});
    const std::string broken_a = R"({"custom_id":"a","response":{"status_code":200,"body":)";
    const std::string broken_b = "{\"custom_id\":\"b\",\"x\":\"\x01\"}";
    shard.give(broken_a + "\n" + broken_b + "\n");
    shard.give(refusal("b", "batch_expired") + "\n");
    for (const Unanswered unanswered : {Unanswered::retry, Unanswered::lost, Unanswered::give_up}) {
        const MatchReport report = shard.match({.unanswered = unanswered});
        EXPECT_EQ(report.lost, unanswered == Unanswered::lost ? 3U : 2U);
        EXPECT_EQ(report.again, unanswered == Unanswered::retry ? 1U : 0U);
        EXPECT_EQ(shard.unreadable(), broken_a + "\n" + broken_b + "\n");
    }
}

TEST(MatchResultsTest, ALineThatCanBeReadGoesBeforeOneThatNamesTheSameRow) {
    Shard shard({"a", "b"});
    shard.give("{\"custom_id\":\"a\",\n" + answer("a") + "\n" + answer("b", 400) + "\n{\"custom_id\":\"b\"");
    const MatchReport report = shard.match();
    EXPECT_EQ(report.lost, 0U);
    EXPECT_EQ(shard.succeeded(), answer("a") + "\n");
    EXPECT_EQ(shard.failed(), answer("b", 400) + "\n");
}

TEST(MatchResultsTest, KeepsWhatCouldNotBeReadAsItCame) {
    Shard shard({"a", "b"});
    const std::string page = "<html>\r\n<body>\n\nBad gateway</body>";
    shard.give(page + "\n" + answer("a") + "\n{cut");
    shard.give("[1]\n" + answer("b"));
    EXPECT_EQ(shard.match().unreadable, 5U);
    EXPECT_EQ(shard.unreadable(), page + "\n{cut\n[1]\n");
}

TEST(MatchResultsTest, WhereARowHasNoAnswerWhatCameUnderAnotherIdIsKept) {
    Shard shard({"a", "b", "c"});
    const std::string again = answer("a", 201);
    shard.give(answer("a") + "\n" + answer("zzz") + "\n<html>\n" + again + "\n" + answer("b") + "\n" +
               answer("b") + "\n");
    shard.give(answer("b", 500) + "\n" + R"({"custom_id":7,"response":{"status_code":200,"body":{"x":1}}})");
    const std::string left = answer("zzz") + "\n<html>\n" + again + "\n" + answer("b", 500) + "\n" +
                             R"({"custom_id":7,"response":{"status_code":200,"body":{"x":1}}})" + "\n";
    for (const Unanswered unanswered : {Unanswered::lost, Unanswered::give_up}) {
        shard.match({.unanswered = unanswered});
        EXPECT_EQ(shard.unreadable(), left) << "the second, equal line of b says nothing new";
    }
}

TEST(MatchResultsTest, WhereEachRowHasItsAnswerNothingOfAnotherIdIsKept) {
    Shard shard({"a"});
    shard.give(answer("a") + "\n" + answer("zzz") + "\n{\n" + answer("a", 201) + "\n");
    shard.match({.unanswered = Unanswered::lost});
    EXPECT_EQ(shard.unreadable(), "{\n");
}

TEST(MatchResultsTest, HundredsOfThousandsOfStraysTakeAlongWhatLiesBetween) {
    constexpr int kLines = 100'500;
    Shard shard({"a", "b"});
    std::string content;
    for (int i = 0; i < kLines; ++i) content += answer("x") + "\n" + answer("a") + "\n";
    shard.give(content);
    const MatchReport report = shard.match({.unanswered = Unanswered::lost});
    EXPECT_EQ(report.unknown, 100'500U);
    const std::string kept = shard.unreadable();
    const std::string last = answer("x") + "\n" + answer("a") + "\n" + answer("x") + "\n";
    EXPECT_TRUE(kept.starts_with(answer("x") + "\n" + answer("x") + "\n"));
    EXPECT_TRUE(kept.ends_with(last)) << kept.substr(kept.size() - last.size());
    EXPECT_EQ(kept.size(), kLines * (answer("x").size() + 1) + 500 * (answer("a").size() + 1));
}

TEST(MatchResultsTest, OfAnEarlierLookNothingUnreadableStays) {
    Shard shard({"a"});
    shard.give("{\n");
    shard.match();
    EXPECT_EQ(shard.unreadable(), "{\n");
    MatchPaths paths = shard.paths();
    paths.results = {shard.dir().write("whole", answer("a") + "\n")};
    match_results(paths, {}).value();
    EXPECT_EQ(shard.unreadable(), "none");
}

TEST(MatchResultsTest, CountsTheFirstLineOfARowButPrefersSuccess) {
    Shard shard({"a", "b", "c"});
    shard.give(answer("a", 400) + "\n" + answer("a", 404) + "\n" + answer("b") + "\n" + answer("b", 500) +
               "\n");
    shard.give(answer("c", 500) + "\n" + answer("c") + "\n" + answer("c", 201) + "\n");
    const MatchReport report = shard.match();
    EXPECT_EQ(shard.failed(), answer("a", 400) + "\n");
    EXPECT_EQ(shard.succeeded(), answer("b") + "\n" + answer("c") + "\n");
    EXPECT_EQ(report.repeated, 4U);
    // "c" was answered after it had failed, and both ran; what is said again of a row counts once.
    EXPECT_EQ(shard.charged().input, 8U);
}

TEST(MatchResultsTest, ReportsWhatIsNotOursAndPassesNothingOfItOn) {
    Shard shard({"a"});
    shard.give(answer("x\\u001b[2J") + "\n{broken\n\n  \n" + answer("a") + "\n" + answer("y") + "\n<html>\n");
    const MatchReport report = shard.match();
    EXPECT_EQ(shard.succeeded(), answer("a") + "\n");
    EXPECT_EQ(report.unknown, 2U);
    EXPECT_EQ(report.unknown_ids, (std::vector<std::string>{"x\\x1b[2J", "y"}));
    EXPECT_EQ(report.unreadable, 2U);
    ASSERT_EQ(report.unreadable_lines.size(), 2U);
    EXPECT_TRUE(report.unreadable_lines[1].starts_with("line 7: no JSON object ("))
        << report.unreadable_lines[1];
}

TEST(MatchResultsTest, NamesNoMoreThanAFewExamples) {
    Shard shard({"a"});
    std::string content;
    for (int i = 0; i < 100; ++i) content += answer("x" + std::to_string(i)) + "\n{" + "\n";
    shard.give(content);
    const MatchReport report = shard.match();
    EXPECT_EQ(report.unknown, 100U);
    EXPECT_EQ(report.unknown_ids.size(), 5U);
    EXPECT_EQ(report.unreadable_lines.size(), 5U);
}

TEST(MatchResultsTest, ReadsCrlfBomAndAMissingLineEnd) {
    Shard shard({"a", "b"});
    shard.give("\xEF\xBB\xBF" + answer("b") + "\r\n\r\n" + answer("a"));
    EXPECT_EQ(shard.match().succeeded, 2U);
    EXPECT_EQ(shard.succeeded(), answer("a") + "\n" + answer("b") + "\n");
}

TEST(MatchResultsTest, KnowsAnIdByItsMeaningNotByItsSpelling) {
    Shard shard({"é\""});
    shard.give(answer("\\u00e9\\\"") + "\n");
    EXPECT_EQ(shard.match().succeeded, 1U);
}

TEST(MatchResultsTest, AnIdThatComesBackAsANumberIsTheStringThatWasSent) {
    Shard shard({"9007199254740993", "b", "7", "8"});
    const auto line = [](const std::string& id, int status) {
        return R"({"id":"b","custom_id": )" + id + R"( ,"response":{"status_code":)" +
               std::to_string(status) + R"(,"body":{"custom_id":1,"text":"é"}}})";
    };
    shard.give(line("7", 400) + "\n" + answer("b") + "\n");
    shard.give(line("9007199254740993", 200) + "\n" + line("8", 200));
    EXPECT_EQ(shard.match().succeeded, 3U);
    EXPECT_EQ(shard.succeeded(),
              line(R"("9007199254740993")", 200) + "\n" + answer("b") + "\n" + line(R"("8")", 200) + "\n");
    EXPECT_EQ(shard.failed(), line(R"("7")", 400) + "\n");
}

TEST(MatchResultsTest, SortsAShuffledShard) {
    std::vector<std::string> ids;
    for (int i = 0; i < 5000; ++i) ids.push_back("id-" + std::to_string(i));
    Shard shard(ids);
    std::string expected;
    for (const std::string& id : ids) expected += answer(id) + "\n";
    std::shuffle(ids.begin(), ids.end(), std::mt19937(3));
    std::string output;
    for (const std::string& id : ids) output += answer(id) + "\n";
    shard.give(output);
    EXPECT_EQ(shard.match().succeeded, 5000U);
    EXPECT_EQ(shard.succeeded(), expected);
}

TEST(MatchResultsTest, CarriesARowOfManyMegabytes) {
    Shard shard({"a", "b"});
    const std::string large = R"({"custom_id":"b","response":{"status_code":200,"body":{"b64":")" +
                              std::string(5'000'000, 'x') + R"("}}})";
    shard.give(large + "\n" + answer("a"));
    EXPECT_EQ(shard.match().succeeded, 2U);
    EXPECT_EQ(shard.succeeded(), answer("a") + "\n" + large + "\n");
}

TEST(MatchResultsTest, RefusesAShardThatIsDamaged) {
    Shard shard({"a", "b"});
    std::filesystem::resize_file(shard.paths().prepared, 10);
    EXPECT_EQ(match_results(shard.paths(), {}).error().code, Errc::corrupt);
}

TEST(MatchResultsTest, SaysWhichResultFileIsNotThere) {
    Shard shard({"a"});
    MatchPaths paths = shard.paths();
    paths.results = {shard.dir().path() / "gone"};
    const auto matched = match_results(paths, {});
    ASSERT_FALSE(matched);
    EXPECT_NE(matched.error().context.find("gone"), std::string::npos);
    EXPECT_EQ(shard.succeeded(), "none");
}

TEST(MatchResultsTest, AnswersStayInTheProvidersFile) {
    Shard shard({"a", "b"});
    shard.give(answer("b") + "\n" + answer("a") + "\n");
    shard.match();
    EXPECT_EQ(shard.succeeded(), answer("a") + "\n" + answer("b") + "\n");
    EXPECT_FALSE(file_exists(shard.paths().succeeded).value()) << "they are not written twice";
    EXPECT_FALSE(file_with_all_of(shard.paths().succeeded).value());
}

}  // namespace
}  // namespace batchd::jsonl
