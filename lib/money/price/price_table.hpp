#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "money/price/model_price.hpp"

namespace batchd::money {

/// Prices by the name of the model. A model without any price in it is one whose price is unknown: what
/// another table says of it does not count.
using PriceTable = std::map<std::string, ModelPrice, std::less<>>;

/// What a price file came to.
struct PriceReading {
    PriceTable table;
    /// A sentence for each model whose prices were refused, twenty at most: "line 12: gpt-5.4-mini:
    /// input_cost_per_token is -1: no price is negative".
    std::vector<std::string> refused;
    std::uint64_t refused_count = 0;  ///< models; the price of each is unknown
};

/// Prices of an operator's own, from the configuration: model → key of LiteLLM's format → the number's text.
/// Errors: bad_input, which names model and key; here a key that is no price is one.
Result<PriceTable> own_prices(const std::map<std::string, std::map<std::string, std::string>>& models);

}  // namespace batchd::money
