#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace batchd::provider {

/// The lines of the uploaded file that a provider's message names: "Line 4: no url", "on line 7", "lines 3, 8
/// and 12". A place inside a line ("line 1 column 5") is none. Pure.
std::vector<std::uint64_t> named_lines(std::string_view message);

}  // namespace batchd::provider
