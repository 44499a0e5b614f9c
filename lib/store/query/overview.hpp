#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/tables/batches.hpp"
#include "store/tables/jobs.hpp"

/// What people want to know of the state at a glance. These calls only read. A call may be several
/// statements, between which the daemon goes on; so take what belongs together in one transaction
/// (Database::execute("BEGIN")). Errors: SQLite's.
namespace batchd::store {

/// A job and how far it is.
struct JobOverview {
    Job job;
    std::uint64_t done = 0;       ///< requests that have ended, by the provider's count where it runs
    std::uint64_t failed = 0;     ///< those of them that were not answered
    std::uint64_t to_submit = 0;  ///< batches that are not submitted yet
    std::uint64_t in_flight = 0;  ///< batches at the provider
    std::optional<TimePoint> submitted_at;  ///< of the oldest of these
    std::optional<TimePoint> expires_at;    ///< of the one with the most time left
    std::string trouble;  ///< what it waits for, by `conditions` or its newest event; "" where it is none
};

/// A row of `events`.
struct Event {
    TimePoint at{};
    std::string batch_id;
    std::string kind;
    std::string detail;
};

/// All jobs that have not ended, and before them the `ended_max` that were claimed last of those that have;
/// in the order of their numbers.
Result<std::vector<JobOverview>> list_jobs(Database& database, std::size_t ended_max);
Result<std::optional<JobOverview>> look_at_job(Database& database, JobId id);
/// In the order of `ids`, without those that are not there.
Result<std::vector<JobOverview>> look_at_jobs(Database& database, const std::vector<JobId>& ids);
/// The last `count_max` events of a job, the oldest first.
Result<std::vector<Event>> last_events(Database& database, JobId id, std::size_t count_max);
/// Estimated tokens of the batches that the provider has, by model: without those that are on their way,
/// unlike Batches::enqueued_tokens().
Result<std::map<std::string, std::uint64_t>> tokens_at_provider(Database& database,
                                                                const std::string& provider);
/// A batch that people are told of, and whose it is.
struct BatchSubject {
    BatchRowId id;
    std::string batch_id;                 ///< the provider's; "" where it has none yet
    std::optional<TimePoint> overdue_at;  ///< when it was said that it takes too long
    std::optional<TimePoint> expires_at;  ///< when it should have been over
    std::vector<JobId> jobs{};            ///< by number, the first of them
    std::uint64_t jobs_total = 0;
};
/// The batches at a provider of which it was said that they take too long, those first that were it first.
Result<std::vector<BatchSubject>> overdue_batches(Database& database, std::size_t count_max);
/// One of them, or one that is held; nothing where it is not on record.
Result<std::optional<BatchSubject>> subject_of(Database& database, BatchRowId id);
/// Numbers of the jobs whose folder's path ends with these parts, without '/' at either end; the newest
/// first.
Result<std::vector<JobId>> find_in_folder(Database& database, const std::string& path);
/// Numbers of the jobs with this NAME or, where there are none, of those whose folder has this name; the
/// newest first.
Result<std::vector<JobId>> find_named(Database& database, const std::string& name);

}  // namespace batchd::store
