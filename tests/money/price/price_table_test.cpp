#include "money/price/price_table.hpp"

#include <gtest/gtest.h>

#include "money/priced_model.hpp"

namespace batchd::money {
namespace {

TEST(PriceTableTest, TakesPricesOfAnOperatorsOwn) {
    const auto table = own_prices({{"gpt-x", {{"input_cost_per_token_batches", "3.75e-07"}}}, {"free", {}}});
    ASSERT_TRUE(table);
    EXPECT_EQ(text(table->at("gpt-x").at({TokenKind::input, Tier::batch, 0})), "0.000000375");
    EXPECT_TRUE(table->at("free").entries().empty());
}

TEST(PriceTableTest, NamesTheModelAndTheKeyOfAMistake) {
    const auto typo = own_prices({{"gpt-x", {{"input_cost_per_token_batch", "1e-7"}}}});
    ASSERT_FALSE(typo);
    EXPECT_EQ(typo.error().context,
              "gpt-x: input_cost_per_token_batch is no price; did you mean input_cost_per_token_batches?");

    const auto negative = own_prices({{"gpt-x", {{"input_cost_per_token", "-1"}}}});
    ASSERT_FALSE(negative);
    EXPECT_EQ(negative.error().context, "gpt-x: input_cost_per_token is -1: no price is negative");
}

}  // namespace
}  // namespace batchd::money
