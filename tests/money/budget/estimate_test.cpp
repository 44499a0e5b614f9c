#include "money/budget/estimate.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "money/priced_model.hpp"

namespace batchd::money {
namespace {

TEST(EstimateTest, BelievesInAsMuchOutputAsInputBeforeThereIsAnyAnswer) {
    const auto expected = TokenHistory().expect(1234);
    EXPECT_EQ(expected.input, 1234U);
    EXPECT_EQ(expected.output, 1234U);
}

TEST(EstimateTest, LearnsWhatTheAnswersOfAQueueReallyTook) {
    TokenHistory history;
    for (int i = 0; i < 100; ++i) history.add(100'000, 120'000, 10'000);
    const auto expected = history.expect(1'000'000);
    EXPECT_NEAR(static_cast<double>(expected.input), 1'200'000, 2'000);
    EXPECT_NEAR(static_cast<double>(expected.output), 100'000, 2'000);
}

TEST(EstimateTest, IsNotTurnedByOneOddAnswer) {
    TokenHistory history;
    history.add(100, 100, 5'000);
    EXPECT_LT(history.expect(10'000).output, 16'000U);
}

TEST(EstimateTest, ForgetsWhatWasLongAgo) {
    TokenHistory history;
    for (int i = 0; i < 100; ++i) history.add(10'000'000, 10'000'000, 100'000'000);
    for (int i = 0; i < 100; ++i) history.add(10'000'000, 10'000'000, 1'000'000);
    EXPECT_LT(history.expect(1'000).output, 110U);
}

TEST(EstimateTest, RoundsUpAndNeverOverflows) {
    TokenHistory history;
    history.add(30'000, 20'000, 0);
    EXPECT_EQ(history.expect(1).input, 1U);
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    for (int i = 0; i < 100; ++i) history.add(1, most, most);
    EXPECT_EQ(history.expect(most).output, most);
    history.add(0, 5, 5);
    for (int i = 0; i < 100; ++i) history.add(most, 0, 0);
    EXPECT_LE(history.expect(1).output, 1U);
}

TEST(EstimateTest, CostsWhatItsTokensCost) {
    const auto model = priced({{"input_cost_per_token", "1e-6"},
                               {"output_cost_per_token", "2e-6"},
                               {"input_cost_per_token_above_200k_tokens", "3e-6"},
                               {"output_cost_per_token_above_200k_tokens", "4e-6"}});
    EXPECT_EQ(estimate_cost({1'000'000, 500'000}, 1000, model, Tier::batch, true),
              NanoDollars(1'000'000'000));
    EXPECT_EQ(estimate_cost({1'000'000, 500'000}, 2, model, Tier::batch, true), NanoDollars(2'500'000'000))
        << "the average request is long";
    EXPECT_EQ(estimate_cost({1'000, 500}, 0, model, Tier::standard, true), NanoDollars(2'000'000));
    EXPECT_EQ(estimate_cost({1'000, 500}, 10, model, Tier::flex, true), std::nullopt);
}

}  // namespace
}  // namespace batchd::money
