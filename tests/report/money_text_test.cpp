#include "report/money_text.hpp"

#include <gtest/gtest.h>

namespace batchd::report {
namespace {

TEST(MoneyTextTest, ShowsThreeDigitsAndAtLeastCents) {
    EXPECT_EQ(money_text(std::nullopt), "?");
    EXPECT_EQ(money_text(0), "0.00");
    EXPECT_EQ(money_text(1), "0.000000001");
    EXPECT_EQ(money_text(12'345'678), "0.0123");
    EXPECT_EQ(money_text(999'600'000), "1.000");
    EXPECT_EQ(money_text(1'234'567'890), "1.23");
    EXPECT_EQ(money_text(1'204'495'000'000), "1,204.50");
    EXPECT_EQ(money_text(-1'500'000'000), "-1.50");
}

TEST(MoneyTextTest, SaysWhatWasSavedAndWhatIsNotKnown) {
    EXPECT_EQ(spent_words({}), "");
    EXPECT_EQ(spent_words(store::Spent::nothing()), "");
    EXPECT_EQ(spent_words({.cost = 1'000'000'000, .cost_sync = 2'000'000'000}),
              "1.00 USD, 1.00 less than at the standard price");
    EXPECT_EQ(spent_words({.cost = 2'000'000'000, .cost_sync = 2'000'000'000, .unpriced = 1}),
              "2.00 USD; 1 answer could not be priced");
    EXPECT_EQ(spent_words({.unpriced = 3}), "3 answers could not be priced");
}

}  // namespace
}  // namespace batchd::report
