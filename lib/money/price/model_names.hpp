#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace batchd::money {

/// Under which names a price table may have `model`, the likeliest first; `prefix` is the seller's in such
/// tables
/// ("azure/"), or empty.
///
/// 1. with the seller's prefix, as it stands, and without a seller's prefix of its own: "azure/gpt-5.4-mini",
///    "gpt-5.4-mini"; each of them
/// 2. whole, and then without the date at its end ("-2026-03-17", "-20260317"): an answer names the dated
/// model, and
///    one that has no price of its own costs what its alias costs.
///
/// A fine-tuned model, "ft:gpt-4o-mini-2024-07-18:org:name:id", is looked for as "ft:gpt-4o-mini-2024-07-18",
/// and never costs what its base costs.
std::vector<std::string> names_in_tables(std::string_view model, std::string_view prefix);

}  // namespace batchd::money
