#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <fstream>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using DeliveryTest = SystemTest;

TEST_F(DeliveryTest, FiveArticlesComeBackInInputOrder) {
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output_ids(), article_ids(5));
    EXPECT_FALSE(job.has_errors_file);
    EXPECT_EQ(job.input, articles(5));
}

TEST_F(DeliveryTest, TheSummaryCountsRequestsTokensAndBatches) {
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    const auto summary = bench.published("articles").summary;
    EXPECT_EQ(summary.at("name").as_string(), "articles");
    EXPECT_EQ(summary.at("state").as_string(), "done");
    EXPECT_EQ(summary.at("requests").to_number<int>(), 5);
    EXPECT_EQ(summary.at("succeeded").to_number<int>(), 5);
    EXPECT_EQ(summary.at("failed").to_number<int>(), 0);
    EXPECT_GT(summary.at("input_tokens").to_number<int>(), 0);
    EXPECT_GT(summary.at("output_tokens").to_number<int>(), 0);
    EXPECT_TRUE(summary.at("reason").is_null());
    ASSERT_EQ(summary.at("batches").as_array().size(), 1U);
    const auto& batch = summary.at("batches").as_array()[0].as_object();
    EXPECT_EQ(batch.at("status").as_string(), "completed");
    EXPECT_EQ(batch.at("batch_id").as_string(), bench.database().value("SELECT batch_id FROM batches"));
}

TEST_F(DeliveryTest, TheDatabaseTellsWhatBecameOfTheJobAndItsBatch) {
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    const auto jobs = bench.database().rows(
        "SELECT id, name, state, reason, requests, succeeded, failed, bytes, delivered_to FROM jobs");
    const std::string folder = (bench.outbox() / "articles").string();
    const std::string size = std::to_string(articles(5).size());
    EXPECT_EQ(jobs,
              (std::vector<Database::Row>{{"1", "articles", "done", "NULL", "5", "5", "0", size, folder}}));
    const auto batches = bench.database().rows(
        "SELECT job_id, shard, attempt, status, endpoint, model, requests, completed, failed, error "
        "FROM batches");
    EXPECT_EQ(batches, (std::vector<Database::Row>{{"1", "1", "1", "completed", "/v1/chat/completions",
                                                    "gpt-4o-mini", "5", "5", "0", "NULL"}}));
    EXPECT_EQ(bench.database().count("jobs WHERE created_at GLOB '20[0-9][0-9]-*T*Z' AND finished_at >= "
                                     "created_at AND length(sha256) = 64 AND input_tokens > 0"),
              1U);
    EXPECT_EQ(bench.database().count("batches WHERE batch_id LIKE 'batch_%' AND input_file_id LIKE 'file-%' "
                                     "AND output_file_id LIKE 'file-%' AND error_file_id IS NULL AND "
                                     "submitted_at <= polled_at AND polled_at <= ended_at AND expires_at > "
                                     "submitted_at AND estimated_tokens > 0 AND output_tokens > 0"),
              1U);
}

TEST_F(DeliveryTest, ItWorksWithoutTlsOnLoopback) {
    bench.use_transport(Transport::plain);
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(DeliveryTest, RunOnceOnAnEmptyInboxEndsAtOnceAndFine) {
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 0U);
}

TEST_F(DeliveryTest, RunOnceLeavesNothingInTheWorkDirectory) {
    bench.drop("articles", articles(5));
    bench.drop("bad", "not a request\n");
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_TRUE(std::filesystem::is_empty(bench.state() / "work"));
}

TEST_F(DeliveryTest, TheDaemonTakesAFileThatIsRenamedIntoItsInbox) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_EQ(bench.stop(), 0);
}

TEST_F(DeliveryTest, TheDaemonWaitsForTheWriterOfAFileWrittenInPlace) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    // A job that ends proves that the inbox is watched: the file below is seen from its creation.
    bench.drop("first", articles(1));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    const std::string content = file_of({chat_line("a"), chat_line("b"), chat_line("c")});
    bench.expect_input("slow", content);
    std::ofstream writer(bench.inbox() / "slow.jsonl", std::ios::binary);
    writer << content.substr(0, 40) << std::flush;
    // Another file goes through the whole pipeline meanwhile, at least one scan included.
    bench.drop("second", articles(1));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.database().count("jobs WHERE name = 'slow'"), 0U);
    writer << content.substr(40) << std::flush;
    writer.close();
    ASSERT_TRUE(bench.wait_for_jobs(3));
    EXPECT_EQ(bench.published("slow").output_ids(), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(DeliveryTest, TheMarksOfTheConfigurationAreSentWithEveryBatch) {
    bench.set("batch.metadata", R"({ team = "news", purpose = "nightly" })");
    bench.drop("articles", articles(2));
    EXPECT_EQ(bench.run_once(), 0);
    const auto report = bench.report();
    const auto& metadata = report.at("batches").as_array().at(0).as_object().at("metadata").as_object();
    EXPECT_EQ(metadata.at("team").as_string(), "news");
    EXPECT_EQ(metadata.at("purpose").as_string(), "nightly");
    EXPECT_EQ(metadata.at("batchd_job").as_string(), "articles");
}

TEST_F(DeliveryTest, AReaderThatHoldsATransactionOpenDoesNotStopTheDaemon) {
    bench.start();
    bench.drop("first", articles(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    const LongReader reader(bench.state() / "batchd.db");
    bench.drop("second", articles(3));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(reader.jobs(), 1U);
    EXPECT_EQ(bench.published("second").output_ids(), article_ids(3));
}

}  // namespace
}  // namespace batchd::testing
