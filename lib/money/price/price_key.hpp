#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "money/price/tier.hpp"

namespace batchd::money {

/// What a token was: each kind may have a price of its own.
enum class TokenKind { input, cached, cache_write, output, reasoning };

/// One price of a model, as LiteLLM's public format names it.
struct PriceKey {
    TokenKind kind = TokenKind::input;
    Tier tier = Tier::standard;
    std::uint64_t above_tokens = 0;  ///< for requests with more input than this; 0: for all

    friend auto operator<=>(const PriceKey&, const PriceKey&) = default;
};

/// "input_cost_per_token", "cache_read_input_token_cost_above_200k_tokens_batches" …: a stem for the kind,
/// then
/// "_above_Nk_tokens", then "_batches", "_flex" or "_priority". Nothing for any other key: it is no price of
/// a text token, and is not read.
std::optional<PriceKey> parse_price_key(std::string_view key);
/// The name that parse_price_key() reads as `key`.
std::string to_text(const PriceKey& key);

}  // namespace batchd::money
