#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "money/exact_dollars.hpp"
#include "money/price/price_key.hpp"

namespace batchd::money {

/// What a price of one token may be at most, in dollars: ten times what the dearest model costs. Who writes
/// dollars per million tokens by mistake is nearly always above it.
inline constexpr std::string_view kTokenPriceMax = "0.01";

/// The price of one token from the text of a JSON number. Errors: bad_input for what is no price, with a
/// reason that goes on after "KEY is VALUE: ".
Result<ExactDollars> parse_token_price(std::string_view number);

/// What one model costs by the token. One without any price is a model whose price is unknown.
class ModelPrice {
public:
    struct Entry {
        PriceKey key;
        ExactDollars price;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    /// A price that is there already is replaced.
    void set(const PriceKey& key, ExactDollars price);
    std::optional<ExactDollars> at(const PriceKey& key) const;
    const std::vector<Entry>& entries() const { return entries_; }

    /// False where the table names a seller who is not known to take half for batches (see price_book.hpp).
    bool may_halve = true;

    friend bool operator==(const ModelPrice&, const ModelPrice&) = default;

private:
    std::vector<Entry> entries_;  // sorted by key
};

/// What a request is charged by: dollars per token. None where nobody knows; cached and cache_write then cost
/// what input does, and reasoning what output does.
struct Rates {
    std::optional<ExactDollars> input, cached, cache_write, output, reasoning;
};

/// The rates of a request of `tier` with so many input tokens.
///
/// - Long requests: the whole request is charged by the highest "above" that its input exceeds.
/// - A batch price that the table lacks is half of the standard one where `halves` says that this is what the
/// provider
///   takes, and unknown otherwise. The parts that may have a price of their own (cached, cache_write,
///   reasoning) follow only where the table has no batch price of this model at all: where it has some, a
///   missing one means that there is no reduction.
/// - Nothing stands in for a missing flex or priority price.
Rates rates_of(const ModelPrice& price, Tier tier, bool halves, std::uint64_t input_tokens);

/// The price that was used, to be kept beside what was paid: a JSON object of the model's name in the table,
/// the tier, and dollars per token as decimal texts.
std::string to_json(std::string_view name, Tier tier, const Rates& rates);

}  // namespace batchd::money
