#include "money/nano_dollars.hpp"

#include <charconv>

namespace batchd::money {
namespace {

constexpr std::size_t kPlaces = 9;
constexpr std::uint64_t kOneDollar = 1'000'000'000;

constexpr std::string_view kDigits = "0123456789";

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

std::string_view without_spaces(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

}  // namespace

std::optional<NanoDollars> plus(NanoDollars a, NanoDollars b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.count(), b.count(), &sum)) return std::nullopt;
    return NanoDollars(sum);
}

std::optional<NanoDollars> minus(NanoDollars a, NanoDollars b) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a.count(), b.count(), &difference)) return std::nullopt;
    return NanoDollars(difference);
}

std::string to_text(NanoDollars amount) {
    const bool negative = amount.count() < 0;
    // Negated as unsigned, for the least amount has no positive counterpart.
    const auto bits = static_cast<std::uint64_t>(amount.count());
    const std::uint64_t size = negative ? 0 - bits : bits;
    std::string places = std::to_string(size % kOneDollar);
    places.insert(0, kPlaces - places.size(), '0');
    places.erase(places.find_last_not_of('0') + 1);
    std::string text = (negative ? "-" : "") + std::to_string(size / kOneDollar);
    return places.empty() ? text : text + '.' + places;
}

std::optional<NanoDollars> parse_dollars(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const std::size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    const std::string_view places = dot == std::string_view::npos ? "0" : text.substr(dot + 1);
    // More places than there are in a nano-dollar are refused: rounding an amount of somebody's would change
    // it.
    if (!all_digits(whole) || !all_digits(places) || places.size() > kPlaces) return std::nullopt;
    std::string digits = (negative ? "-" : "") + std::string(whole) + std::string(places);
    digits.append(kPlaces - places.size(), '0');
    std::int64_t count = 0;
    const auto [rest, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (ec != std::errc{}) return std::nullopt;
    return NanoDollars(count);
}

Result<NanoDollars> parse_money(std::string_view text) {
    const std::string_view trimmed = without_spaces(text);
    const std::size_t split = trimmed.find_first_not_of("-.0123456789");
    const std::string_view currency =
        split == std::string_view::npos ? std::string_view{} : without_spaces(trimmed.substr(split));
    const auto amount = parse_dollars(without_spaces(trimmed.substr(0, split)));
    if (!amount)
        return error(Errc::bad_input, '"' + std::string(text) + "\" is no amount such as \"50 USD\"");
    // It is asked for, so that nobody takes dollars for another currency.
    if (currency.empty())
        return error(Errc::bad_input, '"' + std::string(text) + "\" names no currency: \"50 USD\"");
    if (currency != "USD")
        return error(Errc::bad_input, "prices are in USD, and \"" + std::string(text) + "\" is not");
    return *amount;
}

}  // namespace batchd::money
