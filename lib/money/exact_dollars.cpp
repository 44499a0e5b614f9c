#include "money/exact_dollars.hpp"

#include <algorithm>

namespace batchd::money {
namespace {

constexpr int kUnitPlaces = 30;
constexpr int kPlacesMax = kUnitPlaces - 1;  // so that each price has an exact half
// Ten million dollars, and thirty places behind them, fit into 127 bits with room for sums.
constexpr int kWholeDigitsMax = 7;

constexpr std::int64_t kUnitsExponent = 21;  // of a nano-dollar

__extension__ typedef __int128 Wide;

constexpr Wide power_of_ten(std::int64_t exponent) {
    Wide power = 1;
    for (; exponent > 0; --exponent) power *= 10;
    return power;
}

/// The digits of a number without its zeros on either side, and the power of ten that they are multiplied
/// with.
struct Decimal {
    std::string digits;
    std::int64_t exponent = 0;
    bool negative = false;
};

std::string_view take_digits(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    return digits;
}

/// What stands after "e". An exponent of more digits than matter is only large.
std::optional<std::int64_t> take_exponent(std::string_view& text) {
    if (!text.starts_with('e') && !text.starts_with('E')) return 0;
    text.remove_prefix(1);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const std::string_view digits = take_digits(text);
    if (digits.empty()) return std::nullopt;
    std::int64_t exponent = 0;
    for (const char digit : digits)
        exponent = std::min<std::int64_t>(exponent * 10 + (digit - '0'), 1'000'000'000);
    return negative ? -exponent : exponent;
}

std::optional<Decimal> parse_decimal(std::string_view text) {
    Decimal decimal;
    decimal.negative = text.starts_with('-');
    if (decimal.negative) text.remove_prefix(1);
    decimal.digits = take_digits(text);
    if (decimal.digits.empty()) return std::nullopt;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        const std::string_view places = take_digits(text);
        if (places.empty()) return std::nullopt;
        decimal.digits += places;
        decimal.exponent = -static_cast<std::int64_t>(places.size());
    }
    const auto exponent = take_exponent(text);
    if (!exponent || !text.empty()) return std::nullopt;
    decimal.exponent += *exponent;
    decimal.digits.erase(0, std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size()));
    const std::size_t zeros = decimal.digits.size() - (decimal.digits.find_last_not_of('0') + 1);
    decimal.digits.resize(decimal.digits.size() - zeros);
    // "1.50" and "1.5e0" are the same number then, whatever its zeros.
    decimal.exponent += static_cast<std::int64_t>(zeros);
    return decimal;
}

}  // namespace

Result<ExactDollars> ExactDollars::parse(std::string_view number) {
    const auto decimal = parse_decimal(number);
    if (!decimal) return error(Errc::bad_input, "that is no number");
    if (decimal->digits.empty()) return ExactDollars();
    // Nobody is paid for asking.
    if (decimal->negative) return error(Errc::bad_input, "no price is negative");
    // Refused and not rounded: who writes a price of thirty places has made a mistake, and would be told
    // another amount.
    if (decimal->exponent < -kPlacesMax)
        return error(Errc::bad_input,
                     "a price has at most " + std::to_string(kPlacesMax) + " decimal places");
    if (static_cast<std::int64_t>(decimal->digits.size()) + decimal->exponent > kWholeDigitsMax)
        return error(Errc::bad_input, "that is more than anything costs");
    Units units = 0;
    for (const char digit : decimal->digits) units = units * 10 + (digit - '0');
    return ExactDollars(units * power_of_ten(decimal->exponent + kUnitPlaces));
}

std::optional<ExactDollars> ExactDollars::times(std::uint64_t factor) const {
    Units product = 0;
    // Nothing that is charged comes near it, so an overflow is a number that somebody made up: no amount is
    // better than a wrong one.
    if (__builtin_mul_overflow(units_, static_cast<Units>(factor), &product)) return std::nullopt;
    return ExactDollars(product);
}

std::optional<ExactDollars> ExactDollars::plus(ExactDollars other) const {
    Units sum = 0;
    if (__builtin_add_overflow(units_, other.units_, &sum)) return std::nullopt;
    return ExactDollars(sum);
}

NanoDollars ExactDollars::rounded() const {
    constexpr Wide kNano = power_of_ten(kUnitsExponent);
    const Wide whole = units_ / kNano;
    const Wide twice_the_rest = units_ % kNano * 2;
    // Half to even, so that the sum of a million rounded amounts does not drift.
    const bool up = twice_the_rest > kNano || (twice_the_rest == kNano && whole % 2 != 0);
    return NanoDollars(static_cast<std::int64_t>(whole + (up ? 1 : 0)));
}

std::string ExactDollars::text() const {
    std::string digits;
    for (Wide rest = units_; rest > 0; rest /= 10)
        digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    if (digits.size() <= kUnitPlaces) digits.append(kUnitPlaces + 1 - digits.size(), '0');
    std::reverse(digits.begin(), digits.end());
    digits.insert(digits.size() - kUnitPlaces, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
    return digits;
}

}  // namespace batchd::money
