#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/batches.hpp"

namespace batchd::store {

/// Batches of which an upload or a create was made again, because the one before was looked for and not
/// found, and such that may have been created twice on the way. It may turn up all the same, for as long as
/// the provider hides it: a second file or batch with one mark. In the table `batches`; `database` must
/// outlive it. I/O thread only. Errors: SQLite's.
class Repeats {
public:
    explicit Repeats(Database& database) : database_(database) {}

    /// The call whose intent is on record is made again; to be committed with the step back. `watch_until`:
    /// where the call may have made a batch that costs.
    Result<void> record(BatchRowId id, std::optional<TimePoint> watch_until);
    /// A batch was created, perhaps more than once: there are gateways that repeat what they forward.
    Result<void> watch(BatchRowId id, TimePoint until);
    /// When the oldest of the calls began whose effects are still watched for at `now`; nothing: none is.
    Result<std::optional<TimePoint>> watched_since(const std::string& provider, TimePoint now);
    /// The row that uses this file and whose second batch is still watched for at `now`, if there is one;
    /// nothing while a batch of that file is being created.
    Result<std::optional<BatchRowId>> find_by_input_file(const std::string& file_id, TimePoint now);

private:
    Database& database_;
};

}  // namespace batchd::store
