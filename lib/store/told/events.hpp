#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::store {

/// The table `events`: what happened. A row is added once and never changed; old ones go with
/// Jobs::remove_old(). `database` must outlive it. I/O thread only.
class Events {
public:
    explicit Events(Database& database) : database_(database) {}

    /// `job`: nothing where it is about the daemon. `batch_id` is the provider's, "" where there is none;
    /// `user` is who asked for it, "" where nobody did; `queue` the one that it is about as a whole, else "".
    /// `kind` is one of the words that README.md lists; `detail` is one line for people and must be free of
    /// secrets. Errors: SQLite's.
    Result<void> add(TimePoint at, std::optional<JobId> job, std::string_view batch_id, std::string_view kind,
                     std::string_view detail, std::string_view user = {}, std::string_view queue = {});

private:
    Database& database_;
};

}  // namespace batchd::store
