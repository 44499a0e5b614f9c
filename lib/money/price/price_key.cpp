#include "money/price/price_key.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace batchd::money {
namespace {

// No stem is the beginning of another, so that the first that fits is the right one. Source: LiteLLM,
// model_prices_and_context_window.json.
constexpr std::array<std::pair<std::string_view, TokenKind>, 5> kStems{{
    {"input_cost_per_token", TokenKind::input},
    {"output_cost_per_token", TokenKind::output},
    {"cache_read_input_token_cost", TokenKind::cached},
    {"cache_creation_input_token_cost", TokenKind::cache_write},
    {"output_cost_per_reasoning_token", TokenKind::reasoning},
}};
constexpr std::array<std::pair<std::string_view, Tier>, 4> kEndings{{
    {"", Tier::standard},
    {"_batches", Tier::batch},
    {"_flex", Tier::flex},
    {"_priority", Tier::priority},
}};
constexpr std::string_view kAbove = "_above_";
constexpr std::string_view kTokens = "k_tokens";
// A context of a thousand million tokens; more is a mistake.
constexpr std::uint64_t kThousandsMax = 1'000'000;

/// Takes "_above_272k_tokens" off: 272,000. 0 where nothing like it stands there, nothing where it is no
/// number.
std::optional<std::uint64_t> take_above(std::string_view& rest) {
    if (!rest.starts_with(kAbove)) return 0;
    rest.remove_prefix(kAbove.size());
    std::uint64_t thousands = 0;
    const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), thousands);
    if (ec != std::errc{} || thousands == 0 || thousands > kThousandsMax) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (!rest.starts_with(kTokens)) return std::nullopt;
    rest.remove_prefix(kTokens.size());
    return thousands * 1000;
}

std::optional<PriceKey> parse_behind(TokenKind kind, std::string_view rest) {
    const auto above = take_above(rest);
    if (!above) return std::nullopt;
    for (const auto& [ending, tier] : kEndings)
        if (rest == ending) return PriceKey{kind, tier, *above};
    return std::nullopt;
}

}  // namespace

std::optional<PriceKey> parse_price_key(std::string_view key) {
    for (const auto& [stem, kind] : kStems)
        if (key.starts_with(stem)) return parse_behind(kind, key.substr(stem.size()));
    return std::nullopt;
}

std::string to_text(const PriceKey& key) {
    std::string text;
    for (const auto& [stem, kind] : kStems)
        if (kind == key.kind) text = stem;
    if (key.above_tokens > 0)
        text += std::string(kAbove) + std::to_string(key.above_tokens / 1000) + std::string(kTokens);
    for (const auto& [ending, tier] : kEndings)
        if (tier == key.tier) text += ending;
    return text;
}

}  // namespace batchd::money
