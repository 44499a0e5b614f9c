#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "money/price/price_table.hpp"

namespace batchd::money {

/// More models than this are no price table. LiteLLM's has 4,900.
inline constexpr std::size_t kModelsMax = 20'000;

/// Reads prices in LiteLLM's public format (`model_prices_and_context_window.json`) as they come, in any
/// pieces: one JSON object, in it an object for each model, in that the keys that parse_price_key() knows.
/// Nothing else of it is kept, so memory is the table's.
///
/// - A price is taken from the number's text, digit by digit. `null` is no price.
/// - A model with a price that is none (negative, absurd, too fine, a text) is refused and named, and its
/// price is
///   unknown; the other models count.
/// - A model that is not charged by the token of text alone has an unknown price: one with `tiered_pricing`,
/// and one
///   whose `mode` is images, audio, video and the like. A model without any price is left out.
/// - Of a name that is there twice, the later counts.
class PriceReader {
public:
    PriceReader();
    ~PriceReader();

    /// Errors: bad_input for what is no JSON, too_large for too many models; the context has line and column.
    Result<void> write(std::string_view piece);
    /// After the last piece. Errors: bad_input for a text that is cut off or is no object.
    Result<PriceReading> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// PriceReader for a text that is at hand.
Result<PriceReading> read_prices(std::string_view text);

}  // namespace batchd::money
