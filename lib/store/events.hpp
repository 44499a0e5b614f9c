#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"
#include "store/jobs.hpp"

namespace batchd::store {

/// The table `events`: append-only. `database` must outlive it.
class Events {
public:
    explicit Events(Database& database) : database_(database) {}

    /// `batch_id` is the provider's, "" where there is none. `detail` must be free of secrets.
    Result<void> add(TimePoint at, std::optional<JobId> job, std::string_view batch_id, std::string_view kind,
                     std::string_view detail);

private:
    Database& database_;
};

}  // namespace batchd::store
