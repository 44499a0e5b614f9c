#include "money/price_file/prices.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::money {
namespace {

struct PricesTest : ::testing::Test {
    testing::TempDir dir;
    Prices prices;

    Path write(const std::string& content) { return dir.write("prices.json", content); }
    static std::string input_price(const Prices::Look& look, std::string_view model) {
        const FoundPrice found = look.book->find(model, "");
        const auto price =
            found.price == nullptr ? std::nullopt : found.price->at({TokenKind::input, Tier::standard, 0});
        return price ? price->text() : "unknown";
    }
};

TEST_F(PricesTest, KnowsWhatShipsAndWhatIsAddedInOrderOfNearness) {
    EXPECT_NE(input_price(prices.look({}), "babbage-002"), "unknown");
    PriceSources sources;
    sources.file =
        write(R"({"babbage-002":{"input_cost_per_token":1e-6},"m":{"input_cost_per_token":2e-6}})");
    sources.models = {{"m", {{"input_cost_per_token", "3e-6"}}}};
    const auto look = prices.look(sources);
    EXPECT_TRUE(look.complaints.empty());
    EXPECT_EQ(input_price(look, "babbage-002"), "0.000001");
    EXPECT_EQ(input_price(look, "m"), "0.000003");
    EXPECT_EQ(input_price(prices.look({sources.file, {}}), "m"), "0.000002");
    EXPECT_EQ(input_price(prices.look({}), "m"), "unknown");
}

TEST_F(PricesTest, ReadsTheFileAgainWhenItChangesAndLeavesOldLooksAsTheyWere) {
    const PriceSources sources{write(R"({"m":{"input_cost_per_token":1e-6}})"), {}};
    const auto before = prices.look(sources);
    write(R"({"m":{"input_cost_per_token":2.5e-6}})");
    EXPECT_EQ(input_price(prices.look(sources), "m"), "0.0000025");
    EXPECT_EQ(input_price(before, "m"), "0.000001");
}

TEST_F(PricesTest, SaysOnceWhatIsWrongAndKeepsWhatItHad) {
    const PriceSources sources{write(R"({"m":{"input_cost_per_token":1e-6}})"), {}};
    prices.look(sources);
    write(R"({"m":{"input_cost_per_token":)");
    const auto broken = prices.look(sources);
    ASSERT_EQ(broken.complaints.size(), 1U);
    EXPECT_NE(broken.complaints[0].find("prices.json"), std::string::npos) << broken.complaints[0];
    EXPECT_EQ(input_price(broken, "m"), "0.000001");
    EXPECT_TRUE(prices.look(sources).complaints.empty());
    std::filesystem::remove(*sources.file);
    EXPECT_EQ(prices.look(sources).complaints.size(), 1U);
    const auto gone = prices.look(sources);
    EXPECT_TRUE(gone.complaints.empty());
    EXPECT_EQ(input_price(gone, "m"), "0.000001");
}

TEST_F(PricesTest, NamesTheModelsWhosePricesAreNone) {
    const auto look =
        prices.look({write(R"({"m":{"input_cost_per_token":-1},"n":{"input_cost_per_token":1e-6}})"), {}});
    ASSERT_EQ(look.complaints.size(), 1U);
    EXPECT_NE(look.complaints[0].find("m: input_cost_per_token is -1"), std::string::npos)
        << look.complaints[0];
    EXPECT_EQ(input_price(look, "m"), "unknown");
    EXPECT_EQ(input_price(look, "n"), "0.000001");
}

}  // namespace
}  // namespace batchd::money
