#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/jobs.hpp"

/// The table `events` for readers, from the oldest to the newest. These calls only read. Errors: SQLite's.
namespace batchd::store {

/// A row of `events`, with the name and the queue of its job.
struct LoggedEvent {
    std::int64_t id = 0;
    TimePoint at{};
    std::string kind;
    std::optional<JobId> job_id;
    std::string job;    ///< its NAME; "" where it is about the daemon, or the job is not on record any more
    std::string queue;  ///< the one that it is about as a whole, else that of the job; "" as for `job`
    std::string batch_id;
    std::string user;
    std::string detail;
};

/// The next `count_max` events with an id above `after`, not from before `since`; of one job, or of all.
Result<std::vector<LoggedEvent>> events_after(Database& database, std::int64_t after,
                                              std::optional<JobId> job, TimePoint since,
                                              std::size_t count_max);

/// The id after which there are `count` events, of one job or of all; less where there are not as many.
Result<std::int64_t> before_last_events(Database& database, std::optional<JobId> job, std::size_t count);

/// The highest id; 0 where there is none. It is lower than before when the database was built again.
Result<std::int64_t> newest_event(Database& database);

}  // namespace batchd::store
