#include "report/spending.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace batchd::report {
namespace {

namespace json = boost::json;

Spending spending(store::SpendingBy by) {
    Spending all{by, {}, {}};
    all.rows = {{.name = "2026-11-26",
                 .requests = 1'200,
                 .input_tokens = 100'000,
                 .output_tokens = 5'000,
                 .spent = {.cached_tokens = 10, .cost = 12'300'000, .cost_sync = 24'600'000}},
                {.name = "2026-11-27", .requests = 3, .spent = {.unpriced = 3}}};
    all.total = {.requests = 1'203,
                 .input_tokens = 100'000,
                 .output_tokens = 5'000,
                 .spent = {.cached_tokens = 10, .cost = 12'300'000, .cost_sync = 24'600'000, .unpriced = 3}};
    return all;
}

TEST(SpendingTextTest, HasALineForEachRowAndOneForAll) {
    const auto lines = spending_text(spending(store::SpendingBy::day), 0);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0], "DAY         REQUESTS  TOKENS IN    OUT     USD   SAVED  UNPRICED");
    EXPECT_EQ(lines[1], "2026-11-26     1,200    100,000  5,000  0.0123  0.0123");
    EXPECT_EQ(lines[2], "2026-11-27         3          0      0       ?       ?         3");
    EXPECT_EQ(lines[3], "in all         1,203    100,000  5,000  0.0123  0.0123         3");
    EXPECT_EQ(spending_text({}, 0).size(), 1U);
}

TEST(SpendingJsonTest, IsExactAndHasNullForWhatNobodyKnows) {
    const auto whole = json::parse(spending_json(spending(store::SpendingBy::day)));
    EXPECT_EQ(whole.at("by"), "day");
    EXPECT_EQ(whole.at("rows").at(0).at("day"), "2026-11-26");
    EXPECT_EQ(whole.at("rows").at(0).at("cost"), "0.0123");
    EXPECT_EQ(whole.at("rows").at(0).at("saved"), "0.0123");
    EXPECT_EQ(whole.at("rows").at(0).at("cached_tokens"), 10);
    EXPECT_TRUE(whole.at("rows").at(1).at("cost").is_null());
    EXPECT_TRUE(whole.at("rows").at(1).at("saved").is_null());
    EXPECT_EQ(whole.at("total").at("unpriced"), 3);
}

TEST(SpendingJsonTest, NamesAJobAndItsNumber) {
    Spending all = spending(store::SpendingBy::job);
    all.rows.front().job_id = store::JobId{7};
    const auto row = json::parse(spending_json(all)).at("rows").at(0);
    EXPECT_EQ(row.at("job"), "2026-11-26");
    EXPECT_EQ(row.at("job_id"), 7);
}

}  // namespace
}  // namespace batchd::report
