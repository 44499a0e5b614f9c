#include "money/batch_bill.hpp"

#include <gtest/gtest.h>

#include "money/price_file/price_reader.hpp"

namespace batchd::money {
namespace {

std::shared_ptr<const PriceBook> book() {
    auto prices = std::make_shared<PriceBook>();
    prices->file = read_prices(R"({
        "small": {"input_cost_per_token": 2e-6, "output_cost_per_token": 4e-6,
                  "input_cost_per_token_flex": 5e-7, "output_cost_per_token_flex": 1e-6},
        "free": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
        "half-free": {"input_cost_per_token": 0.0, "output_cost_per_token": 1e-6},
        "long": {"input_cost_per_token": 1e-6, "output_cost_per_token": 0,
                 "input_cost_per_token_above_200k_tokens": 3e-6}})")
                       .value()
                       .table;
    return prices;
}

BatchBill bill() {
    return {book(), {.model = "small", .tier = Tier::batch, .seller = {"", true}}};
}

std::int64_t paid(const BatchBill& bill) {
    return bill.bill().paid.rounded().count();
}

TEST(BatchBillTest, PricesAnAnswerByWhatItNamesAndElseByWhatWasAskedFor) {
    struct Case {
        std::string_view model, tier;
        std::int64_t paid;
    };
    const std::vector<Case> cases{{"", "", 10'000},
                                  {"small", "default", 10'000},
                                  {"small", "batch", 10'000},
                                  {"small", "flex", 5'000},
                                  {"small-2026-03-17", "", 10'000}};
    for (const Case& each : cases) {
        BatchBill one = bill();
        one.add(each.model, each.tier, Usage{.input = 10});
        EXPECT_EQ(paid(one), each.paid) << each.model << " " << each.tier;
        EXPECT_EQ(one.bill().standard.rounded().count(), 20'000);
    }
}

TEST(BatchBillTest, KnowsNoPriceOfAnUnheardOfModelOrTierOrOfAnAnswerWithoutUsage) {
    BatchBill all = bill();
    all.add("other", "", Usage{.input = 1});
    all.add("small", "scale", Usage{.input = 1});
    all.add("small", "priority", Usage{.input = 1});
    all.add("small", "", std::nullopt);
    all.add_unknown(2);
    EXPECT_EQ(all.bill().unpriced, 6U);
    EXPECT_EQ(all.bill().priced, 0U);
    EXPECT_EQ(all.usage().input, 3U);
    EXPECT_EQ(all.prices(), "[]");
}

TEST(BatchBillTest, WhatIsFreeCostsNothingWhateverItsTokens) {
    BatchBill all = bill();
    EXPECT_TRUE(all.add("free", "", std::nullopt));
    EXPECT_FALSE(all.add("half-free", "", std::nullopt));
    EXPECT_EQ(all.bill().priced, 1U);
    EXPECT_EQ(all.bill().unpriced, 1U);
    EXPECT_EQ(paid(all), 0);
    EXPECT_NE(all.prices().find("free"), std::string::npos) << all.prices();
}

TEST(FindPriceTest, WhatIsSentUnderANameOfItsOwnHasThePriceOfWhatUsersWrite) {
    const auto prices = book();
    AskedFor asked{.model = "dep-1", .tier = Tier::batch, .seller = {"", true}};
    EXPECT_EQ(find_price(*prices, asked).price, nullptr);
    asked.written = {"nobody's", "small"};
    for (const char* answered : {"", "dep-1", "dep-1-2026"})
        EXPECT_EQ(find_price(*prices, asked, answered).name, "small") << answered;
    EXPECT_EQ(find_price(*prices, asked, "long").name, "long") << "what the answer says goes first";
    asked.model = "long";
    EXPECT_EQ(find_price(*prices, asked).name, "long") << "and what is sent goes second";
    EXPECT_EQ(find_price(*prices, asked, "dep-1").name, "long");
}

TEST(FindPriceTest, IsUnknownWhereUsersHaveTwoNamesOfDifferentPrices) {
    const auto prices = book();
    EXPECT_EQ(find_price(*prices, {.model = "dep-1", .written = {"long", "small"}}).price, nullptr);
    EXPECT_EQ(find_price(*prices, {.model = "dep-1", .written = {"small", "small-2026-03-17"}}).name,
              "small");
}

TEST(BatchBillTest, ChargesALongRequestByItsOwnRatesAndKeepsBoth) {
    BatchBill all = bill();
    all.add("long", "default", Usage{.input = 200'000});
    EXPECT_EQ(paid(all), 100'000'000);
    all.add("long", "", Usage{.input = 200'001});
    EXPECT_EQ(paid(all), 100'000'000 + 300'001'500);
    const std::string prices = all.prices();
    EXPECT_NE(prices.find(R"("input":"0.0000005")"), std::string::npos) << prices;
    EXPECT_NE(prices.find(R"("input":"0.0000015")"), std::string::npos) << prices;
}

TEST(BatchBillTest, AddsUpTheSameWhateverTheOrder) {
    BatchBill mixed = bill(), sorted = bill();
    for (std::uint64_t i = 1; i <= 500; ++i) {
        mixed.add(i % 2 == 0 ? "small" : "long", i % 3 == 0 ? "flex" : "", Usage{.input = i, .output = 7});
    }
    for (const std::uint64_t parity : {0U, 1U})
        for (std::uint64_t i = 1; i <= 500; ++i)
            if (i % 2 == parity)
                sorted.add(i % 2 == 0 ? "small" : "long", i % 3 == 0 ? "flex" : "",
                           Usage{.input = i, .output = 7});
    EXPECT_EQ(mixed.bill().paid, sorted.bill().paid);
    EXPECT_EQ(mixed.prices(), sorted.prices());
    EXPECT_GT(mixed.bill().unpriced, 0U);  // "long" has no flex price
}

}  // namespace
}  // namespace batchd::money
