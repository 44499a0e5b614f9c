#include "money/price/tier.hpp"

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

struct TierCase {
    const char* service_tier;
    Tier asked_for;
    std::optional<Tier> charged;
};

TEST(TierTest, IsWhatTheAnswerSaysAndElseHowItWasAskedFor) {
    for (const auto& [word, asked_for, charged] :
         {TierCase{"", Tier::batch, Tier::batch}, TierCase{"default", Tier::batch, Tier::batch},
          TierCase{"standard", Tier::batch, Tier::batch}, TierCase{"auto", Tier::standard, Tier::standard},
          TierCase{"on_demand", Tier::standard, Tier::standard}, TierCase{"flex", Tier::standard, Tier::flex},
          TierCase{"priority", Tier::standard, Tier::priority}, TierCase{"batch", Tier::batch, Tier::batch},
          TierCase{"flex", Tier::batch, Tier::flex}, TierCase{"scale", Tier::standard, std::nullopt},
          TierCase{"FLEX", Tier::standard, std::nullopt}})
        EXPECT_EQ(tier_of_answer(word, asked_for), charged) << word;
}

}  // namespace
}  // namespace batchd::money
