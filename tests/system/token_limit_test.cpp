#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

/// A job of four batches, of which the provider has room for two at a time.
class TokenLimitTest : public SystemTest {
protected:
    void SetUp() override { bench.set("batch.max_requests", "5"); }

    /// Starts with batches that run for an hour, so that the third has to wait however slow the machine is.
    void start_job(const std::string& answer) {
        bench.provider().change_settings(R"({"token_limits":{"gpt-4o-mini":500},"token_limit_answer":")" +
                                         answer + R"(","in_progress":3600})");
        bench.drop("articles", articles(20));
        bench.start({"run", "--once"});
    }
    void let_batches_end_and_expect_all_answers() {
        bench.provider().change_settings(R"({"in_progress":0})");
        bench.provider().advance_clock(2h);
        EXPECT_EQ(bench.daemon().wait_for_exit(kDeadline), 0);
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(20));
        EXPECT_EQ(bench.job_state("articles"), "done");
    }
    void run_with_answer(const std::string& answer) {
        start_job(answer);
        ASSERT_TRUE(bench.wait_for_event("token_limit"));
        let_batches_end_and_expect_all_answers();
    }
};

TEST_F(TokenLimitTest, ABatchThatFailsForLackOfRoomWaitsItsTurnAndIsNoFailure) {
    run_with_answer("failed");
}

TEST_F(TokenLimitTest, ACreateThatIsRefusedForLackOfRoomWaitsItsTurn) {
    run_with_answer("400");
    EXPECT_EQ(bench.database().count("batches"), 4U);
}

TEST_F(TokenLimitTest, ACreateThatIsRefusedAsTooManyRequestsWaitsItsTurn) {
    run_with_answer("429");
    EXPECT_EQ(bench.database().count("batches"), 4U);
}

TEST_F(TokenLimitTest, TheInputFileIsNotUploadedAgainForEachTry) {
    run_with_answer("failed");
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 4);
}

TEST_F(TokenLimitTest, AConfiguredLimitIsKeptSoThatTheProviderNeverRefuses) {
    bench.set("batch.enqueued_tokens", R"({ "gpt-4o-mini" = 250 })");
    start_job("failed");
    ASSERT_TRUE(bench.wait_for_event("waiting", "batch.enqueued_tokens has no room"));
    EXPECT_LE(bench.database().count("batches WHERE batch_id <> ''"), 2U);
    let_batches_end_and_expect_all_answers();
    EXPECT_FALSE(bench.database().has_event("token_limit"));
    EXPECT_EQ(bench.database().count("batches WHERE status <> 'completed'"), 0U);
}

/// Shards that alone are larger than the 500 tokens that the provider lets a model enqueue.
class TooLargeTest : public SystemTest, public ::testing::WithParamInterface<const char*> {
protected:
    void SetUp() override {
        bench.provider().change_settings(R"({"token_limits":{"gpt-4o-mini":500},"token_limit_answer":")" +
                                         std::string(GetParam()) + R"("})");
    }
};

TEST_P(TooLargeTest, AShardIsCutUntilItFitsAndComesTogetherAgain) {
    bench.drop("articles", articles(80));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(80));
    EXPECT_TRUE(bench.database().has_event("token_limit", "too large by itself, and cut into"));
    EXPECT_EQ(bench.report().at("rows_run_again").to_number<int>(), 0);
}

TEST_P(TooLargeTest, ARequestThatAloneIsTooLargeFailsWithTheReasonAndTheOthersAreAnswered) {
    std::string large = chat_line("large");
    large.insert(large.find("Summarise"), std::string(4000, 'x'));
    bench.drop("mixed", file_of({chat_line("a"), large, chat_line("b")}));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("mixed");
    EXPECT_EQ(job.output_ids(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(job.error_ids(), (std::vector<std::string>{"large"}));
    EXPECT_EQ(job.errors.at(0).error_code(), "token_limit_exceeded");
    EXPECT_EQ(bench.job_state("mixed"), "done");
}

INSTANTIATE_TEST_SUITE_P(Refused, TooLargeTest, ::testing::Values("failed", "400", "429"),
                         [](const auto& param) {
                             return std::string(param.param) == "failed"
                                        ? "InValidation"
                                        : "AtCreate" + std::string(param.param);
                         });

TEST_F(TokenLimitTest, AModelWithoutRoomDoesNotHoldUpAnother) {
    bench.set("batch.enqueued_tokens", R"({ "gpt-4o" = 1 })");
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.start();
    bench.drop("a-first", file_of({chat_line("a", "gpt-4o")}));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.drop("b-waits", file_of({chat_line("b", "gpt-4o")}));
    bench.drop("c-goes", file_of({chat_line("c", "gpt-4o-mini")}));
    ASSERT_TRUE(bench.wait_until([&] {
        return bench.database().count("batches WHERE model = 'gpt-4o-mini' AND batch_id <> ''") == 1;
    }));
    EXPECT_EQ(bench.database().count("batches WHERE model = 'gpt-4o' AND batch_id <> ''"), 1U);
    bench.provider().change_settings(R"({"in_progress":0})");
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(3));
    EXPECT_EQ(bench.published("b-waits").output_ids(), (std::vector<std::string>{"b"}));
}

}  // namespace
}  // namespace batchd::testing
