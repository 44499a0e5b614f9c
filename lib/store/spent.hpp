#pragma once

#include <cstdint>
#include <optional>

namespace batchd::store {

/// What requests used and cost, beside the tokens in and out. The columns of `jobs` and `batches` have these
/// names.
struct Spent {
    std::uint64_t cached_tokens = 0;        ///< of the input, those read from a cache
    std::uint64_t reasoning_tokens = 0;     ///< of the output
    std::optional<std::int64_t> cost;       ///< nano-dollars, of what could be priced; nothing: nobody knows
    std::optional<std::int64_t> cost_sync;  ///< at the standard price; nothing where cost is
    std::uint64_t unpriced = 0;             ///< answers that could not be priced, and are not in the cost

    friend bool operator==(const Spent&, const Spent&) = default;
    /// Of requests of which none ran.
    static Spent nothing() { return {.cost = 0, .cost_sync = 0}; }
};

}  // namespace batchd::store
