#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/jobs.hpp"

/// What was used and paid, summed up for readers. These calls only read. Errors: SQLite's.
namespace batchd::store {

enum class SpendingBy { day, model, queue, job };
/// Its name: "day".
std::string_view to_string(SpendingBy by);

struct SpendingRow {
    /// A text that only names the row, for people.
    std::string name;  ///< the day ("2026-11-27", of this machine), the model, the queue or the job
    std::optional<JobId> job_id{};  ///< with SpendingBy::job
    std::uint64_t requests = 0;     ///< that have ended
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    Spent spent{};
};

/// Of the batches that were collected at or after `since`, in the order of the days, names or numbers. Each
/// form sums up the same batches, so all come to the same.
Result<std::vector<SpendingRow>> spending(Database& database, SpendingBy by, TimePoint since);

}  // namespace batchd::store
