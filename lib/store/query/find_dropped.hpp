#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::store {

/// A file that somebody has put into the inbox.
struct DroppedFile {
    std::uint64_t device = 0, inode = 0;
    TimePoint at{};  ///< when it was put there
    JobId newest;    ///< Jobs::newest() at that time: it is none of the jobs before
};

/// The job that was made of it; nothing while none was, or its file is still on its way. Errors: SQLite's.
Result<std::optional<JobId>> find_dropped(Database& database, const DroppedFile& file);

}  // namespace batchd::store
