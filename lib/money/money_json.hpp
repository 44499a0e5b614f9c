#pragma once

#include <cstdint>
#include <optional>

#include <boost/json/value.hpp>

namespace batchd::money {

/// Nano-dollars as programs get them: dollars as an exact decimal text, which no reader rounds; null where
/// the amount is not known.
boost::json::value money_or_null(const std::optional<std::int64_t>& nano_dollars);

}  // namespace batchd::money
