#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/commands.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::store {

/// What waits in a queue for company or for its time: planned, and not sent.
struct WaitingQueue {
    std::string queue;
    std::uint64_t files = 0;
    std::uint64_t requests = 0;
    TimePoint oldest{};  ///< when the first of them was taken
};

/// The jobs that wait in their queues: columns of the table `jobs`. `database` must outlive it. I/O thread
/// only. Errors: SQLite's.
class WaitingJobs {
public:
    explicit WaitingJobs(Database& database) : database_(database) {}

    /// `not_before`: as record_not_before() has put it down for the others of its queue.
    Result<void> record_waiting(JobId id, std::optional<TimePoint> not_before = {});
    /// Its time has come: from now on it waits for money alone.
    Result<void> record_due(JobId id);
    /// Its batches are there now; part of the caller's transaction.
    Result<void> record_released(JobId id, TimePoint at);
    /// When what waits in the queue for company or its time is sent, as far as it is known.
    Result<void> record_not_before(const std::string& queue, std::optional<TimePoint> at);
    /// All queues in which something waits for company or its time. Reads each job that does.
    Result<std::vector<WaitingQueue>> by_queue();
    /// What waits so in this one. Reads each job of it that does.
    Result<WaitingQueue> of_queue(const std::string& queue);
    /// The jobs of the queue that were taken up to this moment, the first taken first; those that wait for
    /// money are not among them. What was taken after `now`, by a clock that was ahead, is: nobody knows when
    /// that was, and it would wait for years.
    Result<std::vector<JobId>> taken_up_to(const std::string& queue, TimePoint until, TimePoint now);
    /// Whether a file of at most so many bytes was taken in the queue up to this moment and is not checked
    /// yet.
    Result<bool> is_being_read(const std::string& queue, TimePoint until, std::uint64_t bytes_max);
    /// A release came: what was taken in the queue and is not checked yet does not wait there once it is. How
    /// many files that is.
    Result<std::uint64_t> record_release_asked(const Release& what);
    /// The release that came while the job's file was being read; nothing: none did.
    Result<std::optional<Release>> release_asked(JobId id);
    /// Those of the queue that wait for money.
    Result<std::vector<JobId>> due(const std::string& queue);
    /// Those that were cancelled meanwhile.
    Result<std::vector<JobId>> cancelled();

private:
    Database& database_;
};

}  // namespace batchd::store
