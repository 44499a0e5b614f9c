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

    /// What nobody knows of one takes nothing away from what is known of the other. But rows of which none
    /// ran cost 0, and that must not be read as the cost of answers that nobody could price.
    Spent& operator+=(const Spent& more) {
        cached_tokens += more.cached_tokens;
        reasoning_tokens += more.reasoning_tokens;
        unpriced += more.unpriced;
        add(cost, more.cost);
        add(cost_sync, more.cost_sync);
        return *this;
    }

    friend bool operator==(const Spent&, const Spent&) = default;
    /// Of requests of which none ran.
    static Spent nothing() { return {.cost = 0, .cost_sync = 0}; }

private:
    void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& more) const {
        if (more) sum = sum.value_or(0) + *more;
        if (sum == 0 && unpriced > 0) sum.reset();
    }
};

}  // namespace batchd::store
