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

namespace batchd::store {

/// A row of `unused_files`: an upload of ours that nothing uses any more, to be deleted at the provider.
struct UnusedFile {
    std::int64_t row = 0;      ///< the row's number in the table
    std::string file_id;       ///< the provider's
    std::optional<JobId> job;  ///< whose it was
    std::string why;           ///< one line for people
    std::string provider;      ///< where it is, by the name in the configuration
};

/// The table `unused_files`: deletions that are owed, which survive a crash and a provider that is away.
/// `database` must outlive it. I/O thread only. Errors: SQLite's.
class UnusedFiles {
public:
    explicit UnusedFiles(Database& database) : database_(database) {}

    /// Does nothing when the file is on record already.
    Result<void> add(const std::string& provider, const std::string& file_id, JobId job, std::string_view why,
                     TimePoint at);
    /// Rows of this provider, oldest first, whose file no batch uses that may still be created, or runs.
    Result<std::vector<std::int64_t>> to_delete(const std::string& provider, std::size_t count_max);
    /// Nothing where it was deleted meanwhile.
    Result<std::optional<UnusedFile>> find(std::int64_t row);
    /// Removes the row: the file is deleted, or not to be deleted after all.
    Result<void> forget(std::int64_t row);
    /// How many deletions are owed, to all providers.
    Result<std::uint64_t> count();

private:
    Database& database_;
};

}  // namespace batchd::store
