#include "web/pages/submit_page.hpp"

#include <gtest/gtest.h>

#include "server/client.hpp"

namespace batchd::web {
namespace {

using server::has;

std::string checked_with(std::vector<report::PlannedBatch> batches) {
    report::CheckedFile file;
    file.batches = std::move(batches);
    return checked_page({}, "1", "", file).str();
}

TEST(SubmitPageTest, HasTheMoneyOfEachBatchAndAllOfItTogether) {
    const std::string page = checked_with(
        {{.shard = 1, .requests = 1'000, .size_bytes = 10, .estimated_tokens = 700, .cost = 20'000'000},
         {.shard = 2, .requests = 500, .size_bytes = 5, .estimated_tokens = 300, .cost = 30'000'000}});
    EXPECT_TRUE(has(page, "700</td><td class=\"number\">0.0200</td>")) << page;
    EXPECT_TRUE(has(page, "300</td><td class=\"number\">0.0300</td>"));
    EXPECT_TRUE(has(page,
                    "in all</th><td class=\"number\">1,500</td><td class=\"number\">15</td>"
                    "<td class=\"number\">1,000</td><td class=\"number\">0.0500</td>"));
}

TEST(SubmitPageTest, APriceThatNobodyKnowsIsNotZero) {
    const std::string none = checked_with({{.requests = 1}});
    EXPECT_TRUE(has(none, "<td class=\"number\">unknown</td></tr></tfoot>")) << none;
    EXPECT_FALSE(has(none, "0.00"));
    const std::string some = checked_with({{.requests = 1}, {.requests = 1, .cost = 20'000'000}});
    EXPECT_TRUE(has(some, "0.0200 and what is unknown</td></tr></tfoot>")) << some;
}

}  // namespace
}  // namespace batchd::web
