#include "money/price/model_price.hpp"

#include <gtest/gtest.h>

#include "money/priced_model.hpp"

namespace batchd::money {
namespace {

constexpr auto kIn = "input_cost_per_token";
constexpr auto kOut = "output_cost_per_token";
constexpr auto kCached = "cache_read_input_token_cost";
constexpr auto kBatchIn = "input_cost_per_token_batches";
constexpr auto kBatchOut = "output_cost_per_token_batches";

/// "input cached output", unknown as "?".
std::string rates_in_words(const ModelPrice& model, Tier tier, bool halves = true,
                           std::uint64_t input_tokens = 1) {
    const Rates rates = rates_of(model, tier, halves, input_tokens);
    return text(rates.input) + ' ' + text(rates.cached) + ' ' + text(rates.output);
}

TEST(ModelPriceTest, TakesThePricesOfTheTier) {
    const auto model = priced({{kIn, "0.004"},
                               {kOut, "0.008"},
                               {kCached, "0.001"},
                               {kBatchIn, "0.003"},
                               {kBatchOut, "0.006"},
                               {"input_cost_per_token_priority", "0.009"}});
    EXPECT_EQ(rates_in_words(model, Tier::standard), "0.004 0.001 0.008");
    EXPECT_EQ(rates_in_words(model, Tier::batch), "0.003 ? 0.006")
        << "a batch price without one for cached tokens: no reduction";
    EXPECT_EQ(rates_in_words(model, Tier::priority), "0.009 ? ?") << "nothing stands in for it";
    EXPECT_EQ(rates_in_words(model, Tier::flex), "? ? ?");
}

TEST(ModelPriceTest, HalvesAMissingBatchPriceOnlyForWhomThisIsKnown) {
    auto model = priced({{kIn, "0.004"}, {kOut, "0.008"}, {kCached, "0.001"}});
    EXPECT_EQ(rates_in_words(model, Tier::batch, true), "0.002 0.0005 0.004");
    EXPECT_EQ(rates_in_words(model, Tier::batch, false), "? ? ?");
    model.may_halve = false;
    EXPECT_EQ(rates_in_words(model, Tier::batch, true), "? ? ?");
    EXPECT_EQ(rates_in_words(model, Tier::standard, true), "0.004 0.001 0.008");
}

TEST(ModelPriceTest, HalvesTheOnePriceThatIsMissing) {
    EXPECT_EQ(rates_in_words(priced({{kIn, "0.004"}, {kOut, "0.008"}, {kBatchIn, "0.001"}}), Tier::batch),
              "0.001 ? 0.004");
}

TEST(ModelPriceTest, ChargesALongRequestByTheHighestLimitThatItExceeds) {
    const auto model = priced({{kIn, "0.001"},
                               {kOut, "0.002"},
                               {"input_cost_per_token_above_128k_tokens", "0.003"},
                               {"output_cost_per_token_above_128k_tokens", "0.004"},
                               {"input_cost_per_token_above_200k_tokens", "0.005"},
                               {"output_cost_per_token_above_200k_tokens", "0.006"}});
    EXPECT_EQ(rates_in_words(model, Tier::standard, true, 128'000), "0.001 ? 0.002");
    EXPECT_EQ(rates_in_words(model, Tier::standard, true, 128'001), "0.003 ? 0.004");
    EXPECT_EQ(rates_in_words(model, Tier::standard, true, 900'000), "0.005 ? 0.006");
    EXPECT_EQ(rates_in_words(model, Tier::batch, true, 900'000), "0.0025 ? 0.003");
}

TEST(ModelPriceTest, DoesNotChargeALongBatchRequestByThePriceOfAShortOne) {
    const auto model = priced({{kIn, "0.002"},
                               {kOut, "0.002"},
                               {kBatchIn, "0.001"},
                               {kBatchOut, "0.001"},
                               {"input_cost_per_token_above_200k_tokens", "0.004"},
                               {"output_cost_per_token_above_200k_tokens", "0.006"}});
    EXPECT_EQ(rates_in_words(model, Tier::batch, true, 200'001), "0.002 ? 0.003");
    EXPECT_EQ(rates_in_words(model, Tier::batch, false, 200'001), "? ? ?");
}

TEST(ModelPriceTest, ReplacesAPriceThatIsSetAgain) {
    auto model = priced({{kIn, "0.001"}, {kOut, "0.002"}});
    model.set(*parse_price_key(kIn), *ExactDollars::parse("0.003"));
    EXPECT_EQ(rates_in_words(model, Tier::standard), "0.003 ? 0.002");
    EXPECT_EQ(model.entries().size(), 2U);
}

TEST(ModelPriceTest, HasNoPriceAboveWhatAnyTokenCosts) {
    EXPECT_TRUE(parse_token_price("0.01"));
    for (const char* dollars_per_million : {"0.15", "2.5", "10", "0.0100001"})
        EXPECT_FALSE(parse_token_price(dollars_per_million)) << dollars_per_million;
    EXPECT_FALSE(parse_token_price("-1e-9"));
}

TEST(ModelPriceTest, IsKeptAsJson) {
    const auto model = priced({{kIn, "3.75e-07"}, {kOut, "0"}});
    EXPECT_EQ(to_json("a\"b", Tier::standard, rates_of(model, Tier::standard, true, 1)),
              R"({"model":"a\"b","tier":"standard","input":"0.000000375","output":"0"})");
}

}  // namespace
}  // namespace batchd::money
