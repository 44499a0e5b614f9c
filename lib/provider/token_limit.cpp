#include "provider/token_limit.hpp"

#include <algorithm>
#include <limits>

namespace batchd::provider {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// "K", "M" and "B", and what they stand for, also after a space; 1 for anything else.
std::uint64_t unit(std::string_view text) {
    if (text.starts_with(' ')) text.remove_prefix(1);
    std::size_t size = 0;
    while (size < text.size() && is_letter(text[size])) ++size;
    const std::string_view word = text.substr(0, size);
    if (word == "K" || word == "k" || word == "thousand") return 1'000;
    if (word == "M" || word == "m" || word == "million") return 1'000'000;
    if (word == "B" || word == "b" || word == "billion") return 1'000'000'000;
    return 1;
}

/// Of "e6", a million: 1 where there is none, nothing where it is too large for a number of 64 bits.
std::optional<std::uint64_t> power_of_ten(std::string_view text) {
    const bool is_one = text.size() >= 2 && (text[0] == 'e' || text[0] == 'E') &&
                        (is_digit(text[1]) || (text[1] == '+' && text.size() >= 3 && is_digit(text[2])));
    if (!is_one) return 1;
    text.remove_prefix(text[1] == '+' ? 2 : 1);
    std::uint64_t exponent = 0;
    for (; !text.empty() && is_digit(text[0]) && exponent < 20; text.remove_prefix(1))
        exponent = exponent * 10 + static_cast<std::uint64_t>(text[0] - '0');
    if (exponent > 19) return std::nullopt;
    std::uint64_t power = 1;
    for (; exponent > 0; --exponent) power *= 10;
    return power;
}

/// What parts the groups of "2,000,000", "2_000_000" and "2 000 000": three digits follow, and no fourth.
bool is_separator(std::string_view text) {
    if (text.size() < 4 || std::string_view(",_ '").find(text[0]) == std::string_view::npos) return false;
    for (std::size_t i = 1; i < 4; ++i)
        if (!is_digit(text[i])) return false;
    return text.size() == 4 || !is_digit(text[4]);
}

}  // namespace

std::optional<std::uint64_t> leading_number(std::string_view text) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t number = 0;
    std::uint64_t divisor = 1;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (at > 0 && divisor == 1 && is_separator(text.substr(at))) continue;
        const bool is_point = text[at] == '.' && at > 0 && at + 1 < text.size() && is_digit(text[at + 1]);
        if (is_point && divisor > 1) return std::nullopt;
        if (is_point) ++at;
        if (!is_digit(text[at])) break;
        if (number > (kMost - 9) / 10) return std::nullopt;
        number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
        if (is_point || divisor > 1) divisor *= 10;
    }
    const auto power = power_of_ten(text.substr(at));
    if (!power) return std::nullopt;
    const std::uint64_t factor = std::max(*power, unit(text.substr(at)));
    if (number == 0 || number > kMost / factor || number * factor % divisor != 0) return std::nullopt;
    return number * factor / divisor;
}

std::optional<std::uint64_t> named_token_limit(std::string_view message) {
    // Limits are also named of requests, files and bytes.
    if (message.find("token") == std::string_view::npos) return std::nullopt;
    for (const std::string_view before : {"Limit: ", "limit: ", "limit of "})
        for (std::size_t at = message.find(before); at != std::string_view::npos;
             at = message.find(before, at + 1))
            if (const auto number = leading_number(message.substr(at + before.size()))) return number;
    return std::nullopt;
}

}  // namespace batchd::provider
