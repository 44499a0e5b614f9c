#pragma once

#include <cstdint>
#include <optional>

#include "money/exact_dollars.hpp"
#include "money/price/model_price.hpp"
#include "money/usage.hpp"

namespace batchd::money {

/// What `usage` costs, exactly: each part of the input and of the output at its own rate, or at that of the
/// whole where it has none. Nothing where a rate is unknown that some token needs (that of sound always is),
/// where a part is more than the whole, and where the sum does not fit. No tokens cost nothing at all, at any
/// rate.
std::optional<ExactDollars> cost_of(const Usage& usage, const Rates& rates);

/// What an answer costs, and what it would have cost at the standard price; that is none where nobody knows
/// it.
struct Cost {
    ExactDollars paid;
    std::optional<ExactDollars> standard;
};

/// Nothing where the price is unknown. `halves` as for rates_of().
std::optional<Cost> price_answer(const Usage& usage, const ModelPrice& price, Tier tier, bool halves);

/// A sum of costs. It is exact: rounded once, where it is stored, it is within half a nano-dollar of the
/// truth for any number of answers.
struct Bill {
    ExactDollars paid;
    /// An answer without a known standard price counts here with what it cost: nothing is saved by it that is
    /// not known.
    ExactDollars standard;
    std::uint64_t priced = 0;
    std::uint64_t unpriced =
        0;  ///< answers whose cost nobody knows; with any of them, the sums are lower bounds

    /// None is an answer that could not be priced. One that does not fit into the sum is counted as such.
    void add(const std::optional<Cost>& cost);

    /// Below zero where more was paid than the standard price (tier priority).
    NanoDollars saved() const;
};

}  // namespace batchd::money
