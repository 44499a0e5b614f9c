#include "money/price/price_key.hpp"

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

struct KeyCase {
    const char* name;
    PriceKey key;
};

TEST(PriceKeyTest, HasAKindATierAndALimit) {
    for (const auto& [name, key] :
         {KeyCase{"input_cost_per_token", {TokenKind::input, Tier::standard, 0}},
          KeyCase{"output_cost_per_token_batches", {TokenKind::output, Tier::batch, 0}},
          KeyCase{"cache_read_input_token_cost_flex", {TokenKind::cached, Tier::flex, 0}},
          KeyCase{"cache_creation_input_token_cost_priority", {TokenKind::cache_write, Tier::priority, 0}},
          KeyCase{"output_cost_per_reasoning_token", {TokenKind::reasoning, Tier::standard, 0}},
          KeyCase{"input_cost_per_token_above_128k_tokens", {TokenKind::input, Tier::standard, 128'000}},
          KeyCase{"cache_read_input_token_cost_above_272k_tokens_batches",
                  {TokenKind::cached, Tier::batch, 272'000}}}) {
        EXPECT_EQ(parse_price_key(name), key) << name;
        EXPECT_EQ(to_text(key), name);
    }
}

TEST(PriceKeyTest, IsNoPriceOfATextTokenOtherwise) {
    for (const char* name :
         {"", "max_input_tokens", "input_cost_per_audio_token", "input_cost_per_token_cache_hit",
          "input_cost_per_token_balanced", "input_cost_per_token_batches_above_200k_tokens",
          "input_cost_per_token_", "input_cost_per_token_above_k_tokens",
          "input_cost_per_token_above_0k_tokens", "input_cost_per_token_above_-1k_tokens",
          "input_cost_per_token_above_99999999999999999999k_tokens",
          "cache_creation_input_token_cost_above_1hr", "input_cost_per_token_above_200k_tokensx",
          "Input_cost_per_token"})
        EXPECT_EQ(parse_price_key(name), std::nullopt) << name;
}

}  // namespace
}  // namespace batchd::money
