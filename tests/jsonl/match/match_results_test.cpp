#include "jsonl/match/sent_shard.hpp"

namespace batchd::jsonl {
namespace {

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

TEST(MatchResultsTest, ARowWithoutMoneyGoesAgainWithoutAnAttemptWhereThatIsDecided) {
    Shard shard({"a", "b"});
    shard.give(refusal("a", "insufficient_quota") + "\n" + answer("b", 500));
    const MatchReport report =
        shard.match({.attempts = Attempts::exhausted, .without_money = WithoutMoney::again});
    EXPECT_EQ(report.without_money, 1U);
    EXPECT_EQ(report.no_money.code, "insufficient_quota");
    EXPECT_EQ(report.faults, 1U);
    EXPECT_EQ(shard.again(), sent("a") + "\n");
    EXPECT_EQ(shard.match(Attempts::exhausted).again, 0U);
    EXPECT_EQ(shard.match(Attempts::left).again, 2U);
    MatchOptions of_a_cancelled_job{.attempts = Attempts::exhausted, .without_money = WithoutMoney::again};
    of_a_cancelled_job.is_cancelled = [](std::uint64_t) { return true; };
    EXPECT_EQ(shard.match(of_a_cancelled_job).again, 0U);
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

TEST(MatchResultsTest, AFileThatWasPutTogetherHasAMarkInItsMiddle) {
    Shard shard({"a", "b"});
    shard.give(answer("b") + "\n\xEF\xBB\xBF" + answer("a") + "\n\xEF\xBB\xBF\n");
    const MatchReport report = shard.match();
    EXPECT_EQ(report.succeeded, 2U);
    EXPECT_EQ(report.unreadable, 0U);
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
