#include <gtest/gtest.h>

#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

using server::has;

TEST(SpendingTest, IsReadFromTheState) {
    SiteBench bench;
    const auto job = bench.add_job("articles", "");
    store::Batch batch;
    batch.job_id = job;
    batch.shard = 1;
    batch.key = "k";
    batch.status = "completed";
    batch.model = "m<1>";
    batch.requests = batch.completed = 10;
    batch.ended_at = TimePoint(std::chrono::days(20'000));
    batch.spent.cost = 5'000'000;
    batch.spent.cost_sync = 10'000'000;
    ASSERT_TRUE(bench.store().batches.restore(batch));
    const std::string all = bench.get("/spending?days=all");
    EXPECT_TRUE(all.starts_with("HTTP/1.1 200 ")) << all;
    EXPECT_TRUE(has(all, "0.005"));
    EXPECT_TRUE(has(all, "m&lt;1&gt;"));
    EXPECT_TRUE(has(all, "<a href=\"/spending?days=all\" aria-current=\"page\">all</a>"));
    EXPECT_TRUE(has(bench.get("/spending"), "Nothing was collected in this time"));
}

}  // namespace
}  // namespace batchd::web
