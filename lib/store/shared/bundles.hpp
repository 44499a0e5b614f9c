#pragma once

#include <string>
#include <vector>

#include "store/sqlite/database.hpp"
#include "store/tables/batches.hpp"

namespace batchd::store {

/// What several jobs share: a folder in work/ with batches of its own, which `batches.bundle` names.
/// `database` must outlive it. I/O thread only. Errors: SQLite's.
class Bundles {
public:
    explicit Bundles(Database& database) : database_(database) {}

    /// By the key, which names its folder.
    Result<bool> knows(const std::string& bundle);
    /// Those of the provider that nobody needs any more, and whose folder is still there: all their batches
    /// are collected, and all their jobs have ended. Each by one of its batches.
    Result<std::vector<BatchRowId>> to_clean(const std::string& provider);
    /// Those whose folder is still there.
    Result<std::uint64_t> count();
    /// All attempts of all shards.
    Result<std::vector<BatchRowId>> batches_of(const std::string& bundle);
    /// Removes the batches of bundles whose jobs are all gone from the database.
    Result<void> remove_without_jobs();
    /// The folder is gone. What no job is left to tell of is forgotten.
    Result<void> record_cleaned(const std::string& bundle, TimePoint at);

private:
    Database& database_;
};

}  // namespace batchd::store
