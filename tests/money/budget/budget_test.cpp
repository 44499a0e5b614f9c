#include "money/budget/budget.hpp"

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

struct BudgetCase {
    const char* text;
    Budget budget;
    const char* shortest;
};

TEST(BudgetTest, IsAnAmountForADayAMonthOrAJob) {
    for (const auto& [text, budget, shortest] :
         {BudgetCase{"50 USD/day", {NanoDollars(50'000'000'000), BudgetSpan::day}, "50 USD/day"},
          BudgetCase{"0.50 USD/month", {NanoDollars(500'000'000), BudgetSpan::month}, "0.5 USD/month"},
          BudgetCase{"1USD / job", {NanoDollars(1'000'000'000), BudgetSpan::job}, "1 USD/job"}}) {
        const auto parsed = parse_budget(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, budget) << text;
        EXPECT_EQ(to_text(*parsed), shortest);
        EXPECT_EQ(*parse_budget(shortest), budget);
    }
}

struct WrongBudget {
    const char* text;
    const char* why;
};

TEST(BudgetTest, SaysWhatWouldBeRight) {
    for (const auto& [text, why] :
         {WrongBudget{"50 USD", "\"50 USD/day\""}, WrongBudget{"50 EUR/day", "prices are in USD"},
          WrongBudget{"0 USD/day", "more than nothing"}, WrongBudget{"-5 USD/day", "more than nothing"},
          WrongBudget{"50 USD/week", "a \"day\", a \"month\" or a \"job\""},
          WrongBudget{"50 USD/", "a \"day\", a \"month\" or a \"job\""}, WrongBudget{"", "\"50 USD/day\""},
          WrongBudget{"/day", "no amount"}, WrongBudget{"50/day", "names no currency"},
          WrongBudget{"50 USD/day/day", "a \"day\", a \"month\" or a \"job\""}}) {
        const auto parsed = parse_budget(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_NE(parsed.error().context.find(why), std::string::npos) << parsed.error().context;
    }
}

}  // namespace
}  // namespace batchd::money
