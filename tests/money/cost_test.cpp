#include "money/cost.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "money/priced_model.hpp"

namespace batchd::money {
namespace {

ModelPrice model() {
    return priced({{"input_cost_per_token", "0.001"},
                   {"output_cost_per_token", "0.005"},
                   {"cache_read_input_token_cost", "0.0001"},
                   {"input_cost_per_token_batches", "0.0004"},
                   {"output_cost_per_token_batches", "0.002"},
                   {"input_cost_per_token_flex", "0.0003"}});
}

struct CostCase {
    const char* what;
    Usage usage;
    Tier tier;
    const char* paid;
    const char* standard;
};

TEST(CostTest, IsEachTokenAtItsPrice) {
    const std::vector<CostCase> cases{
        {"input and output", {.input = 10, .output = 2}, Tier::standard, "0.02", "0.02"},
        {"cached tokens at their own price", {.input = 10, .cached = 6}, Tier::standard, "0.0046", "0.0046"},
        {"cached tokens without one", {.input = 10, .cached = 6}, Tier::batch, "0.004", "0.0046"},
        {"cache writes without one", {.input = 10, .cache_write = 6}, Tier::standard, "0.01", "0.01"},
        {"reasoning is output", {.output = 10, .reasoning = 9}, Tier::batch, "0.02", "0.05"},
        {"no tokens", {}, Tier::batch, "0", "0"},
        {"no tokens of what has no price", {.input = 10}, Tier::flex, "0.003", "0.01"},
    };
    for (const auto& [what, usage, tier, paid, standard] : cases) {
        const auto cost = price_answer(usage, model(), tier, true);
        ASSERT_TRUE(cost) << what;
        EXPECT_EQ(text(cost->paid), paid) << what;
        EXPECT_EQ(text(cost->standard), standard) << what;
    }
}

TEST(CostTest, IsUnknownWhereNobodyKnowsAPriceOrTheUsageContradictsItself) {
    const std::vector<CostCase> cases{
        {"a tier without a price", {.input = 1}, Tier::priority, "", ""},
        {"output without a price", {.input = 1, .output = 1}, Tier::flex, "", ""},
        {"more cached than there is", {.input = 1, .cached = 2}, Tier::standard, "", ""},
        {"more parts than there is", {.input = 9, .cached = 5, .cache_write = 5}, Tier::standard, "", ""},
        {"more reasoning than output", {.output = 1, .reasoning = 2}, Tier::standard, "", ""},
        {"sound by the rate of text", {.input = 9, .output = 9, .otherwise = 1}, Tier::standard, "", ""},
        {"more than can be counted",
         {.input = std::numeric_limits<std::uint64_t>::max()},
         Tier::standard,
         "",
         ""},
    };
    for (const auto& test : cases)
        EXPECT_FALSE(price_answer(test.usage, model(), test.tier, true)) << test.what;
    EXPECT_FALSE(price_answer({.input = 1}, ModelPrice{}, Tier::standard, true)) << "a model without prices";
}

TEST(CostTest, AtTheStandardPriceMayBeUnknownByItself) {
    const auto cost =
        price_answer({.input = 5}, priced({{"input_cost_per_token_batches", "0.001"}}), Tier::batch, true);
    ASSERT_TRUE(cost);
    EXPECT_EQ(text(cost->paid), "0.005");
    EXPECT_EQ(cost->standard, std::nullopt);
}

TEST(CostTest, AddsUpExactlyAndCountsWhatHasNoPrice) {
    Bill bill;
    const auto third_of_a_nano_dollar = ExactDollars::parse("0.3e-9").value();
    for (int i = 0; i < 10; ++i) bill.add(Cost{third_of_a_nano_dollar, *third_of_a_nano_dollar.times(2)});
    bill.add(std::nullopt);
    EXPECT_EQ(bill.paid.rounded(), NanoDollars(3));
    EXPECT_EQ(bill.standard.rounded(), NanoDollars(6));
    EXPECT_EQ(bill.saved(), NanoDollars(3));
    EXPECT_EQ(bill.priced, 10U);
    EXPECT_EQ(bill.unpriced, 1U);
}

TEST(CostTest, SavesNothingThatIsNotKnown) {
    Bill bill;
    bill.add(Cost{ExactDollars::parse("1").value(), std::nullopt});
    EXPECT_EQ(bill.saved(), NanoDollars(0));
    bill.add(Cost{ExactDollars::parse("2").value(), ExactDollars::parse("1").value()});
    EXPECT_EQ(bill.saved(), NanoDollars(-1'000'000'000));
}

TEST(CostTest, CountsWhatDoesNotFitIntoTheSumAsUnpriced) {
    const auto large = ExactDollars::parse("9999999").value().times(17).value();
    Bill bill;
    bill.add(Cost{large, large});
    bill.add(Cost{large, large});
    EXPECT_EQ(bill.priced, 1U);
    EXPECT_EQ(bill.unpriced, 1U);
    EXPECT_EQ(bill.paid, large);
}

}  // namespace
}  // namespace batchd::money
