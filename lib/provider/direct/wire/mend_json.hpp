#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batchd::provider::direct {

/// An answer with the usual slips of servers that write JSON by hand or by Python, as JSON: NaN and Infinity
/// as null, control characters inside strings as escapes, and bytes that are no UTF-8 as U+FFFD. Nothing
/// where the text has none of these. What is wrong with it otherwise stays so.
std::optional<std::string> mend_json(std::string_view text);

}  // namespace batchd::provider::direct
