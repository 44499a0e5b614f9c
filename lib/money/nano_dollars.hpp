#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace batchd::money {

/// An amount of money in whole nano-dollars, 1e-9 USD, as it stands in the database. Below zero only as a
/// difference. The range is some 9.2 thousand million dollars either way; what leaves it is nothing, never
/// another amount.
class NanoDollars {
public:
    constexpr NanoDollars() = default;
    constexpr explicit NanoDollars(std::int64_t count) : count_(count) {}

    constexpr std::int64_t count() const { return count_; }
    friend constexpr auto operator<=>(const NanoDollars&, const NanoDollars&) = default;

private:
    std::int64_t count_ = 0;
};

/// Nothing where the sum or the difference does not fit.
std::optional<NanoDollars> plus(NanoDollars a, NanoDollars b);
std::optional<NanoDollars> minus(NanoDollars a, NanoDollars b);

/// Dollars as the shortest exact decimal: "0.0123", "50", "-0.5", "0".
std::string to_text(NanoDollars amount);
/// Reads what to_text() wrote, and any decimal of at most nine places: "50", "0.0123", "-1.50". No exponent,
/// no sign but "-", no white space.
std::optional<NanoDollars> parse_dollars(std::string_view text);

/// "50 USD" or "0.25USD": prices are in dollars, and so is all money here. Errors: bad_input, which says what
/// would be right; another currency is one.
Result<NanoDollars> parse_money(std::string_view text);

}  // namespace batchd::money
