// Lines of result files that can't be read, although the files are as long as they should be.
#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

class UnreadableAnswerTest : public LyingTableTest {
protected:
    std::string unreadable() { return slurp(bench.outbox() / "in/unreadable.jsonl"); }
};

TEST_P(UnreadableAnswerTest, IsLostAndKeptAndNotPaidAgain) {
    make(GetParam());
    run_one_job(3);
    const PublishedJob job = bench.published("in");
    EXPECT_EQ(job.output_ids(), (Ids{"r-1", "r-3"}));
    ASSERT_EQ(job.error_ids(), (Ids{"r-2"}));
    EXPECT_EQ(job.errors.at(0).error_code(), "answer_lost");
    EXPECT_GT(unreadable().size(), 20U);
    EXPECT_EQ(creates(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    EachDamage, UnreadableAnswerTest,
    ::testing::Values(
        Trouble{.name = "ControlCharacter",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"damage":"control_character"}]})"}},
        Trouble{.name = "CutBySixtyBytes",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"damage":"cut","bytes":60}]})"}},
        Trouble{.name = "CutByOneByte",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"damage":"cut","bytes":1}]})"}},
        Trouble{.name = "NotANumber",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"damage":"nan"}]})"}},
        Trouble{.name = "Garbage",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"damage":"garbage"}]})"}},
        Trouble{.name = "GarbageInTheErrorFile",
                .settings = {R"({"rows":[{"match":"r-2","status":400,"damage":"garbage"}]})"}},
        Trouble{.name = "UnderAnIdThatWasNotSent",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"set":{"custom_id":"zzz"}}]})"}},
        Trouble{.name = "UnderANumber",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"set":{"custom_id":2}}]})"}},
        Trouble{.name = "UnderTheIdOfAnother",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"set":{"custom_id":"r-1"}}]})"}},
        Trouble{.name = "AnswerWithoutAnId",
                .settings = {R"({"rows":[{"match":"r-2","status":200,"set":{"custom_id":null}}]})"}}),
    name_of);

class UnreadableAnswersTest : public LyingTest {};

TEST_F(UnreadableAnswersTest, IdsThatComeBackAsNumbersAreTheStringsThatWereSent) {
    manner(R"({"rows":[{"match":"*","status":200,"damage":"id_as_number"}]})");
    bench.drop("in", file_of({chat_line("1"), chat_line("2")}));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("in").output_ids(), (Ids{"1", "2"}));
    EXPECT_NE(slurp(bench.outbox() / "in/output.jsonl").find(R"("custom_id":"1")"), std::string::npos);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(UnreadableAnswersTest, AWholeFileOfThemLosesAllAndPaysNothingAgain) {
    manner(R"({"rows":[{"match":"*","status":200,"damage":"garbage"}]})");
    run_one_job(3);
    EXPECT_EQ(bench.published("in").error_ids(), row_ids(3));
    EXPECT_EQ(creates(), 1U);
}

TEST_F(UnreadableAnswersTest, OfAnExpiredBatchOnlyTheRowsThatDidNotRunGoOutAgain) {
    manner(R"({"expire_batch":[1],"rows":[{"match":"r-2","status":200,"damage":"garbage","runs_max":1}]})");
    run_one_job(10);
    const PublishedJob job = bench.published("in");
    EXPECT_EQ(job.error_ids(), (Ids{"r-2"}));
    EXPECT_EQ(job.output.size(), 9U);
    EXPECT_EQ(creates(), 2U);
}

}  // namespace
}  // namespace batchd::testing
