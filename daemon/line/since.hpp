#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace batchd {

/// What --since takes: how long ago ("1h", "30d"), or a time in UTC, as far as it is said ("2026-11-27",
/// "2026-11-27T08:30", "2026-11-27 08:30:00Z"). Nothing for any other text. Pure.
std::optional<TimePoint> parse_since(std::string_view text, TimePoint now);

}  // namespace batchd
