#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using ValidationTest = SystemTest;
using Ids = std::vector<std::string>;

/// A line that passes our checks and not those of the provider.
std::string line_without_messages(const std::string& id) {
    return R"({"custom_id":")" + id + R"(","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini"}})";
}

TEST_F(ValidationTest, LinesThatTheProviderNamesBecomeErrorsAndTheRestIsAnswered) {
    bench.drop("mixed", file_of({chat_line("a"), line_without_messages("b"), chat_line("c"),
                                 line_without_messages("d"), chat_line("e")}));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("mixed");
    EXPECT_EQ(job.output_ids(), (Ids{"a", "c", "e"}));
    EXPECT_EQ(job.error_ids(), (Ids{"b", "d"}));
    EXPECT_FALSE(job.errors.at(0).error_code().empty());
    EXPECT_EQ(bench.database().value("SELECT status FROM batches WHERE attempt = 1"), "failed");
    EXPECT_EQ(bench.database().value("SELECT requests FROM batches WHERE attempt = 2"), "3");
}

TEST_F(ValidationTest, AProviderThatNamesOneLineAtATimeCostsRoundsAndNoAnswers) {
    bench.provider().change_settings(R"({"validation_errors":"first"})");
    bench.drop("mixed", file_of({chat_line("a"), line_without_messages("b"), chat_line("c"),
                                 line_without_messages("d"), chat_line("e")}));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("mixed").output_ids(), (Ids{"a", "c", "e"}));
    EXPECT_EQ(bench.published("mixed").error_ids(), (Ids{"b", "d"}));
    EXPECT_EQ(bench.database().count("batches"), 3U);
}

TEST_F(ValidationTest, AModelThatTheProviderDoesNotKnowFailsItsOwnLinesOnly) {
    bench.provider().change_settings(R"({"unknown_models":["gpt-nonsense"]})");
    bench.drop("mixed", file_of({chat_line("a"), chat_line("b", "gpt-nonsense"), chat_line("c"),
                                 chat_line("d", "gpt-nonsense")}));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("mixed").output_ids(), (Ids{"a", "c"}));
    EXPECT_EQ(bench.published("mixed").error_ids(), (Ids{"b", "d"}));
    EXPECT_EQ(bench.published("mixed").errors.at(0).error_code(), "model_not_found");
}

TEST_F(ValidationTest, ABatchThatIsRefusedOutrightFailsTheJobInTheProvidersWords) {
    bench.drop("odd",
               file_of({R"({"custom_id":"a","url":"/v1/nonsense","body":{"model":"m","input":"x"}})",
                        R"({"custom_id":"b","url":"/v1/nonsense","body":{"model":"m","input":"y"}})"}));
    EXPECT_EQ(bench.run_once(), 1);
    const PublishedJob job = bench.published("odd");
    EXPECT_EQ(job.error_ids(), (Ids{"a", "b"}));
    EXPECT_EQ(bench.job_state("odd"), "failed");
    const std::string reason = bench.database().value("SELECT reason FROM jobs");
    EXPECT_NE(reason.find("Invalid value: '/v1/nonsense'"), std::string::npos) << reason;
    EXPECT_EQ(job.summary.at("reason").as_string(), reason);
}

TEST_F(ValidationTest, AFailureThatNamesNoLineFailsTheJobInTheProvidersWords) {
    bench.provider().change_settings(R"({"rows_max":2})");
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.job_state("articles"), "failed");
    const std::string reason = bench.database().value("SELECT reason FROM jobs");
    EXPECT_NE(reason.find("has 3 requests, more than the maximum of 2"), std::string::npos) << reason;
    EXPECT_EQ(bench.published("articles").error_ids(), article_ids(3));
}

TEST_F(ValidationTest, TheAnswersOfTheOtherBatchesOfAFailedJobAreDeliveredAllTheSame) {
    bench.drop("mixed", file_of({chat_line("a"),
                                 R"({"custom_id":"b","url":"/v1/nonsense","body":{"model":"m","input":"x"}})",
                                 chat_line("c")}));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.published("mixed").output_ids(), (Ids{"a", "c"}));
    EXPECT_EQ(bench.published("mixed").error_ids(), (Ids{"b"}));
}

}  // namespace
}  // namespace batchd::testing
