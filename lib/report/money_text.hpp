#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/spent.hpp"

/// Amounts of nano-dollars (1e-9 USD) as people are shown them.
namespace batchd::report {

/// Dollars with at least two decimal places, and no more than are needed to see three digits:
/// "1,204.50", "0.0123"; "?" where it is not known.
std::string money_text(const std::optional<std::int64_t>& nano_dollars);

/// What was saved against the standard price; nothing where the cost is not known.
std::optional<std::int64_t> saved(const store::Spent& spent);

/// "0.0123 USD, 0.0123 less than without batches; 3 answers could not be priced"; "" where there is nothing
/// to say.
std::string spent_words(const store::Spent& spent);

}  // namespace batchd::report
