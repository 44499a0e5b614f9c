#include "provider/token_limit.hpp"

#include <limits>

namespace batchd::provider {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::uint64_t unit(char suffix) {
    if (suffix == 'K' || suffix == 'k') return 1'000;
    if (suffix == 'M') return 1'000'000;
    return 1;
}

/// A number at the start of `text`, with or without commas, K or M; nothing for zero and for what is too
/// large.
std::optional<std::uint64_t> leading_number(std::string_view text) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max() / 1'000'000 / 10;
    std::uint64_t number = 0;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const bool is_comma = at > 0 && text[at] == ',' && at + 1 < text.size() && is_digit(text[at + 1]);
        if (is_comma) continue;
        if (!is_digit(text[at])) break;
        if (number > kMost) return std::nullopt;
        number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
    if (number == 0) return std::nullopt;
    return at < text.size() ? number * unit(text[at]) : number;
}

}  // namespace

std::optional<std::uint64_t> named_token_limit(std::string_view message) {
    if (message.find("token") == std::string_view::npos) return std::nullopt;
    for (const std::string_view before : {"Limit: ", "limit: ", "limit of "})
        for (std::size_t at = message.find(before); at != std::string_view::npos;
             at = message.find(before, at + 1))
            if (const auto number = leading_number(message.substr(at + before.size()))) return number;
    return std::nullopt;
}

}  // namespace batchd::provider
