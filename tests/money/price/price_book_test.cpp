#include "money/price/price_book.hpp"

#include <gtest/gtest.h>

#include "money/priced_model.hpp"

namespace batchd::money {
namespace {

ModelPrice costing(std::string_view input) {
    return priced({{"input_cost_per_token", input}});
}

PriceBook book() {
    PriceBook book;
    book.shipped = {{"a", costing("0.001")},
                    {"a-2026-01-01", costing("0.002")},
                    {"b", costing("0.003")},
                    {"c", costing("0.004")},
                    {"azure/c", costing("0.005")}};
    book.file = {{"b", costing("0.006")}, {"refused", ModelPrice{}}};
    book.shipped.emplace("refused", costing("0.007"));
    book.own = {{"a", costing("0.008")}};
    return book;
}

struct BookCase {
    const char* model;
    const char* prefix;
    const char* name;
    const char* input;
};

TEST(PriceBookTest, AsksWhoeverIsNearerToTheOperatorFirst) {
    const PriceBook prices = book();
    for (const auto& [model, prefix, name, input] : {
             BookCase{"a", "", "a", "0.008"},
             BookCase{"a-2026-01-01", "", "a", "0.008"},  // the operator's alias goes before a shipped date
             BookCase{"b", "openai/", "b", "0.006"},
             BookCase{"c", "openai/", "c", "0.004"},
             BookCase{"c-2026-02-02", "azure/", "azure/c", "0.005"},
             BookCase{"refused", "", "refused", "?"},  // unknown there, and nobody else is asked
             BookCase{"d", "openai/", "", "?"},
         }) {
        const auto found = prices.find(model, prefix);
        EXPECT_EQ(found.name, name) << model;
        const auto rate = found.price ? found.price->at({TokenKind::input, Tier::standard, 0}) : std::nullopt;
        EXPECT_EQ(text(rate), input) << model;
    }
}

TEST(PriceBookTest, KnowsWhichKindsTakeHalfForBatches) {
    for (const char* kind : {"openai", "azure", "mistral", "gemini", "anthropic"}) {
        EXPECT_TRUE(seller_of_kind(kind).halves) << kind;
        EXPECT_EQ(seller_of_kind(kind).prefix, std::string(kind) + '/');
    }
    for (const char* kind : {"direct", "groq", ""}) EXPECT_FALSE(seller_of_kind(kind).halves) << kind;
    EXPECT_TRUE(may_halve("openai"));
    EXPECT_TRUE(may_halve(""));
    EXPECT_FALSE(may_halve("groq"));
}

}  // namespace
}  // namespace batchd::money
