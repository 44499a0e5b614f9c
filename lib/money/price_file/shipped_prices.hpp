#pragma once

#include "money/price/price_table.hpp"

namespace batchd::money {

/// The prices that ship with batchd, read from config/prices.json as it is compiled in: each has its date and
/// its source there.
PriceTable shipped_prices();

}  // namespace batchd::money
