#include "money/budget/admission.hpp"

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

constexpr NanoDollars dollars(std::int64_t amount) {
    return NanoDollars(amount * 1'000'000'000);
}

using Estimates = std::vector<std::optional<NanoDollars>>;
using enum BudgetDecision;

struct AdmissionCase {
    const char* what;
    BudgetSpan span;
    BudgetUse spent;
    Estimates estimates;
    std::vector<BudgetDecision> decisions;
};

TEST(AdmissionTest, LetsGoWhatFitsInItsOrder) {
    const std::vector<AdmissionCase> cases{
        {"all fit", BudgetSpan::day, {}, {dollars(20), dollars(30)}, {goes, goes}},
        {"exactly", BudgetSpan::day, {dollars(40), dollars(5)}, {dollars(5)}, {goes}},
        {"what was sent counts by estimate",
         BudgetSpan::day,
         {dollars(0), dollars(45)},
         {dollars(6)},
         {waits}},
        {"nothing overtakes what waits",
         BudgetSpan::day,
         {dollars(20), {}},
         {dollars(40), dollars(1)},
         {waits, waits}},
        {"beyond holds up nobody", BudgetSpan::day, {}, {dollars(51), dollars(10)}, {beyond, goes}},
        {"unpriced holds up nobody", BudgetSpan::month, {}, {std::nullopt, dollars(10)}, {unpriced, goes}},
        {"what costs nothing goes", BudgetSpan::day, {dollars(60), {}}, {dollars(0)}, {goes}},
        {"overspent", BudgetSpan::day, {dollars(60), dollars(1)}, {dollars(1)}, {waits}},
        {"a job's budget comes never again", BudgetSpan::job, {dollars(30), {}}, {dollars(21)}, {beyond}},
        {"no sum", BudgetSpan::day, {NanoDollars(INT64_MAX), NanoDollars(1)}, {dollars(1)}, {waits}},
        {"nothing waits", BudgetSpan::day, {}, {}, {}},
    };
    for (const auto& test : cases)
        EXPECT_EQ(admit({dollars(50), test.span}, test.spent, test.estimates), test.decisions) << test.what;
}

TEST(AdmissionTest, KnowsWhenThereIsMoneyAgain) {
    const TimePoint now = *parse_utc_text("2026-11-27T12:00:00Z");
    EXPECT_EQ(next_money_at(BudgetSpan::day, now), local_period(PeriodKind::day, now).to);
    EXPECT_EQ(next_money_at(BudgetSpan::month, now), local_period(PeriodKind::month, now).to);
    EXPECT_EQ(next_money_at(BudgetSpan::job, now), std::nullopt);
}

TEST(AdmissionTest, WhatIsNeededIsNeverSaidToBeWhatThereIs) {
    const TimePoint now = *parse_utc_text("2026-11-27T12:00:00Z");
    const std::vector<std::pair<std::int64_t, std::string>> cases{
        {50'009'000'000, "50.01"}, {50'010'000'000, "50.01"}, {50'000'000'001, "50.01"}, {INT64_MAX, ""}};
    for (const auto& [needed, told] : cases) {
        const std::string why =
            why_it_waits(beyond, {dollars(50), BudgetSpan::day}, {}, NanoDollars(needed), now);
        EXPECT_NE(why.find("about " + told), std::string::npos) << why;
        EXPECT_EQ(why.find("about 50 USD"), std::string::npos) << why;
    }
}

TEST(AdmissionTest, SaysWhyItWaits) {
    const TimePoint now = *parse_utc_text("2026-11-27T12:00:00Z");
    const Budget day{dollars(50), BudgetSpan::day};
    const BudgetUse spent{NanoDollars(37'699'000'000), {}};
    EXPECT_EQ(why_it_waits(waits, day, spent, dollars(20), now),
              "waits for money until " + to_utc_text(*next_money_at(BudgetSpan::day, now)) +
                  ": about 20 USD are needed, and 12.3 of 50 USD/day are left");
    EXPECT_EQ(why_it_waits(beyond, day, spent, dollars(60), now),
              "waits for a person: about 60 USD are needed, and the whole budget is 50 USD/day; raise it, or "
              "release what "
              "waits with --over-budget");
    EXPECT_EQ(why_it_waits(beyond, {dollars(50), BudgetSpan::job}, spent, dollars(20), now),
              "waits for a person: about 20 USD are needed, and 12.3 of 50 USD/job are left; raise it, or "
              "release what "
              "waits with --over-budget");
    EXPECT_EQ(why_it_waits(unpriced, day, spent, std::nullopt, now),
              "waits for a price: nobody knows what it costs, and the budget is 50 USD/day; add the model to "
              "prices.file, "
              "or release what waits with --over-budget");
    EXPECT_EQ(why_it_waits(goes, day, spent, dollars(1), now), "");
}

}  // namespace
}  // namespace batchd::money
