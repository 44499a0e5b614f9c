#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "engine/stage/waiting_rows.hpp"
#include "store/told/conditions.hpp"

namespace batchd::engine {

/// What a stage's rows are.
struct RowWord {
    std::string_view one, many;  ///< "batch", "batches"
    /// The job of a row, nothing where it has none.
    std::function<std::optional<store::JobId>(std::int64_t id)> job_of;
    /// True where a condition of its own tells already why this row waits. May be empty.
    std::function<bool(std::int64_t id)> is_told{};
};

/// The conditions "waiting" that tell of `waits` at `now`, when Clock::uptime() is `uptime`: one a reason,
/// about the oldest row that waits for it, with how many do. Of many reasons those that hold up the most.
std::vector<store::Condition> conditions_of(const RowWord& word, const Waits& waits, TimePoint now,
                                            Millis uptime);

}  // namespace batchd::engine
