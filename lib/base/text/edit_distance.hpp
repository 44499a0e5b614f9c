#pragma once

#include <cstddef>
#include <string_view>

namespace batchd {

/// How many characters must be changed, added or removed to make one of the other (Levenshtein): what was
/// probably meant is what is nearest. The work grows with the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace batchd
