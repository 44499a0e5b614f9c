#include "jsonl/match/sent_shard.hpp"

// What is kept of lines that are no answer to any request.
namespace batchd::jsonl {
namespace {

TEST(LeftLinesTest, ARowThatAnUnreadableLineNamesIsNeverSentAgain) {
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

TEST(LeftLinesTest, ALineThatCanBeReadGoesBeforeOneThatNamesTheSameRow) {
    Shard shard({"a", "b"});
    shard.give("{\"custom_id\":\"a\",\n" + answer("a") + "\n" + answer("b", 400) + "\n{\"custom_id\":\"b\"");
    const MatchReport report = shard.match();
    EXPECT_EQ(report.lost, 0U);
    EXPECT_EQ(shard.succeeded(), answer("a") + "\n");
    EXPECT_EQ(shard.failed(), answer("b", 400) + "\n");
}

TEST(LeftLinesTest, KeepsWhatCouldNotBeReadAsItCame) {
    Shard shard({"a", "b"});
    const std::string page = "<html>\r\n<body>\n\nBad gateway</body>";
    shard.give(page + "\n" + answer("a") + "\n{cut");
    shard.give("[1]\n" + answer("b"));
    EXPECT_EQ(shard.match().unreadable, 5U);
    EXPECT_EQ(shard.unreadable(), page + "\n{cut\n[1]\n");
}

TEST(LeftLinesTest, WhereARowHasNoAnswerWhatCameUnderAnotherIdIsKept) {
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

TEST(LeftLinesTest, WhereEachRowHasItsAnswerNothingOfAnotherIdIsKept) {
    Shard shard({"a"});
    shard.give(answer("a") + "\n" + answer("zzz") + "\n{\n" + answer("a", 201) + "\n");
    shard.match({.unanswered = Unanswered::lost});
    EXPECT_EQ(shard.unreadable(), "{\n");
}

TEST(LeftLinesTest, HundredsOfThousandsOfStraysTakeAlongWhatLiesBetween) {
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

TEST(LeftLinesTest, OfAnEarlierLookNothingUnreadableStays) {
    Shard shard({"a"});
    shard.give("{\n");
    shard.match();
    EXPECT_EQ(shard.unreadable(), "{\n");
    MatchPaths paths = shard.paths();
    paths.results = {shard.dir().write("whole", answer("a") + "\n")};
    match_results(paths, {}).value();
    EXPECT_EQ(shard.unreadable(), "none");
}

}  // namespace
}  // namespace batchd::jsonl
