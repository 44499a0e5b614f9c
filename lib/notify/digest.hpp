#pragma once

#include <span>
#include <string>

#include "store/told/notices.hpp"

namespace batchd::notify {

/// Characters of a text, as a service counts them against its limit.
using Measure = std::size_t (*)(std::string_view text);

/// Several notices as one text of at most `size_max` by `measure`: a line each, the oldest first, under a
/// line with their number, and in place of those that do not fit how many they are. One alone is its line.
std::string digest(std::span<const store::Notice> notices, std::size_t size_max, Measure measure);

}  // namespace batchd::notify
