#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using SplittingTest = SystemTest;

TEST_F(SplittingTest, ModelsAndEndpointsMixedInOneFileComeBackAsOneOutput) {
    std::vector<std::string> lines, ids;
    for (int i = 0; i < 12; ++i) {
        ids.push_back("row-" + std::to_string(i));
        if (i % 3 == 0) lines.push_back(embedding_line(ids.back()));
        if (i % 3 == 1) lines.push_back(chat_line(ids.back(), "gpt-4o-mini"));
        if (i % 3 == 2) lines.push_back(chat_line(ids.back(), "gpt-4o"));
    }
    bench.drop("mixed", file_of(lines));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("mixed").output_ids(), ids);
    EXPECT_EQ(bench.database().rows("SELECT endpoint, model, requests FROM batches ORDER BY endpoint, model"),
              (std::vector<Database::Row>{{"/v1/chat/completions", "gpt-4o", "4"},
                                          {"/v1/chat/completions", "gpt-4o-mini", "4"},
                                          {"/v1/embeddings", "text-embedding-3-small", "4"}}));
}

TEST_F(SplittingTest, NoBatchHasMoreRequestsThanConfigured) {
    bench.set("batch.max_requests", "3");
    bench.drop("articles", articles(10));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(10));
    EXPECT_EQ(bench.database().rows("SELECT shard, requests FROM batches ORDER BY shard"),
              (std::vector<Database::Row>{{"1", "3"}, {"2", "3"}, {"3", "3"}, {"4", "1"}}));
}

TEST_F(SplittingTest, NoFileIsLargerThanConfigured) {
    bench.set("batch.max_bytes", "600");
    bench.drop("articles", articles(10));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(10));
    EXPECT_GT(bench.database().count("batches"), 2U);
    EXPECT_EQ(bench.database().count("batches WHERE bytes > 600"), 0U);
}

TEST_F(SplittingTest, ABatchThatTheProviderFinishesLastDoesNotChangeTheOrder) {
    bench.set("batch.max_requests", "2");
    bench.provider().change_settings(R"({"rows":[{"match":"article_1","status":503,"runs_max":2}]})");
    bench.drop("articles", articles(6));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(6));
    EXPECT_EQ(bench.database().value("SELECT max(attempt) FROM batches WHERE shard = 1"), "3");
}

TEST_F(SplittingTest, AThousandRequestsInManyBatchesAreEachAnsweredOnce) {
    bench.set("batch.max_requests", "150");
    bench.drop("many", articles(1000));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("many").output_ids(), article_ids(1000));
    EXPECT_EQ(bench.report().at("rows_run").to_number<int>(), 1000);
    EXPECT_EQ(bench.report().at("rows_run_again").to_number<int>(), 0);
}

TEST_F(SplittingTest, NoMoreConnectionsAreOpenThanConfigured) {
    bench.set("provider.max_connections", "2");
    bench.set("batch.max_requests", "5");
    bench.drop("articles", articles(60));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.database().count("batches"), 12U);
    // Polling has a connection of its own.
    EXPECT_LE(bench.report().at("connections_max").to_number<int>(), 3);
}

}  // namespace
}  // namespace batchd::testing
