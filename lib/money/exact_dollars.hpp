#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "money/nano_dollars.hpp"

namespace batchd::money {

/// An amount of at least 0 USD without any rounding, in units of 1e-30 USD: a price of one token, or what
/// tokens cost at it. Prices have up to 24 decimal places in the wild ("1.5000020000000002e-05"); the units
/// leave room for a factor of a half, and the type for some 170 million dollars. It is rounded once, where it
/// becomes NanoDollars.
class ExactDollars {
public:
    constexpr ExactDollars() = default;

    /// A number as JSON writes it, in dollars, taken digit by digit: "1.25e-07" is 0.000000125 and nothing
    /// near it. At most 29 decimal places and less than ten million dollars. Errors: bad_input; the context
    /// goes on after "… is VALUE: ".
    static Result<ExactDollars> parse(std::string_view number);

    /// Nothing where it does not fit.
    std::optional<ExactDollars> times(std::uint64_t factor) const;
    std::optional<ExactDollars> plus(ExactDollars other) const;
    /// Exact for what parse() has read.
    ExactDollars half() const { return ExactDollars(units_ / 2); }

    /// To the nearest nano-dollar; what lies in the middle goes to the even one, so that many roundings add
    /// up to nothing.
    NanoDollars rounded() const;

    /// The shortest exact decimal, which parse() reads as the same: "0.000000125".
    std::string text() const;

    friend constexpr auto operator<=>(const ExactDollars&, const ExactDollars&) = default;

private:
    __extension__ typedef __int128 Units;
    constexpr explicit ExactDollars(Units units) : units_(units) {}

    Units units_ = 0;
};

}  // namespace batchd::money
