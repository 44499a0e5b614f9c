#include "money/price_file/shipped_prices.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "money/price/price_book.hpp"
#include "money/price_file/prices_file.hpp"
#include "support/temp_dir.hpp"

namespace batchd::money {
namespace {

TEST(ShippedPricesTest, AreThoseOfTheFileThatPeopleRead) {
    const auto reading = read_price_file(SHIPPED_PRICES);
    ASSERT_TRUE(reading) << to_string(reading.error());
    EXPECT_TRUE(reading->refused.empty());
    EXPECT_EQ(shipped_prices(), reading->table);
}

TEST(ShippedPricesTest, HaveAKnownBatchPriceForEachModel) {
    const PriceTable table = shipped_prices();
    EXPECT_GE(table.size(), 50U);
    for (const auto& [name, model] : table) {
        const Rates rates = rates_of(model, Tier::batch, true, 100);
        EXPECT_TRUE(rates.input && rates.output) << name;
    }
}

TEST(ShippedPricesTest, SayForEachModelFromWhenAndWhereTheyAre) {
    const auto document = boost::json::parse(testing::slurp(SHIPPED_PRICES));
    for (const auto& [name, model] : document.as_object()) {
        if (name == "_about") continue;
        const auto& fields = model.as_object();
        ASSERT_TRUE(fields.contains("as_of") && fields.contains("source")) << name;
        EXPECT_EQ(fields.at("as_of").as_string().size(), std::string("2026-11-27").size()) << name;
        EXPECT_TRUE(fields.at("source").as_string().starts_with("https://")) << name;
    }
}

TEST(ShippedPricesTest, KnowADatedModelByItsAlias) {
    const PriceBook book{.shipped = shipped_prices()};
    EXPECT_EQ(book.find("gpt-5.4-mini-2026-03-17", "openai/").name, "gpt-5.4-mini");
    EXPECT_EQ(book.find("gpt-4o-2024-05-13", "openai/").name, "gpt-4o-2024-05-13");
}

}  // namespace
}  // namespace batchd::money
