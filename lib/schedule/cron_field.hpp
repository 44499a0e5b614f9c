#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace batchd::schedule {

/// What may stand in one of the five fields of a cron line.
struct FieldKind {
    std::string_view name;    ///< in errors: "minutes"
    unsigned low;             ///< the first value of a turn
    unsigned count;           ///< how many values a turn has
    unsigned high;            ///< the highest number that is understood: 7 for the days of the week
    std::string_view values;  ///< in errors: "0 to 59"
    std::span<const std::string_view> names = {};  ///< those of `low`, `low` + 1 …
};

/// Bit n stands for the value n.
using FieldSet = std::uint64_t;

/// Reads lists, ranges, steps and names: "*", "*/15", "1-5", "22-4/2", "mon-fri", "0,30", "5/15". A range may
/// go past the end of the turn. Letters in lower case. Errors: bad_input, which says what the field may hold.
Result<FieldSet> parse_field(std::string_view text, const FieldKind& kind);

}  // namespace batchd::schedule
