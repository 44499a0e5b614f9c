#include "store/tables/waiting_jobs.hpp"

#include <tuple>

namespace batchd::store {

static auto columns_of(WaitingQueue& queue) {
    return std::tie(queue.queue, queue.files, queue.requests, queue.oldest);
}

static auto columns_of(Release& release) {
    return std::tie(release.queue, release.over_budget);
}

// `waits = 1` is the condition of the partial index: of the jobs that don't wait none is looked at.

Result<void> WaitingJobs::record_waiting(JobId id, std::optional<TimePoint> not_before) {
    return database_.run("UPDATE jobs SET waits = 1, not_before = ? WHERE id = ?", not_before, id);
}

Result<void> WaitingJobs::record_due(JobId id) {
    return database_.run(
        "UPDATE jobs SET waits_for = 'turn', not_before = NULL WHERE id = ? AND waits = 1 AND waits_for IS "
        "NULL",
        id);
}

Result<void> WaitingJobs::record_released(JobId id, TimePoint at) {
    return database_.run(
        "UPDATE jobs SET waits = 0, not_before = NULL, waits_for = NULL, released_at = ? WHERE id = ?", at,
        id);
}

Result<void> WaitingJobs::record_not_before(const std::string& queue, std::optional<TimePoint> at) {
    return database_.run(
        "UPDATE jobs SET not_before = ?1 WHERE waits = 1 AND queue = ?2 AND not_before IS NOT ?1"
        " AND waits_for IS NULL",
        at, queue);
}

Result<std::vector<WaitingQueue>> WaitingJobs::by_queue() {
    return database_.query<WaitingQueue>(
        "SELECT queue, count(*), sum(requests - failed), min(created_at) FROM jobs WHERE waits = 1"
        " AND waits_for IS NULL GROUP BY queue");
}

Result<WaitingQueue> WaitingJobs::of_queue(const std::string& queue) {
    return database_.query_value<WaitingQueue>(
        "SELECT ?1, count(*), coalesce(sum(requests - failed), 0), min(created_at) FROM jobs"
        " WHERE waits = 1 AND queue = ?1 AND waits_for IS NULL",
        queue);
}

Result<std::vector<JobId>> WaitingJobs::taken_up_to(const std::string& queue, TimePoint until,
                                                    TimePoint now) {
    return database_.query<JobId>(
        "SELECT id FROM jobs WHERE waits = 1 AND queue = ? AND (created_at <= ? OR created_at > ?)"
        " AND waits_for IS NULL ORDER BY id",
        queue, until, now);
}

Result<bool> WaitingJobs::is_being_read(const std::string& queue, TimePoint until, std::uint64_t bytes_max) {
    return database_.query_value<bool>(
        "SELECT EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_by_size WHERE state = 'claimed'"
        " AND state IN ('claimed', 'delivering') AND bytes <= ? AND queue = ? AND created_at <= ?)",
        bytes_max, queue, until);
}

Result<std::uint64_t> WaitingJobs::record_release_asked(const Release& what) {
    // Of two releases the one that lets more go counts. The second condition on the state is that of the
    // index of the open jobs.
    const auto done = database_.run(
        "UPDATE jobs SET release_asked = iif(?1, 'over_budget', coalesce(release_asked, 'now'))"
        " WHERE state = 'claimed' AND state IN ('claimed', 'planned', 'running', 'delivering')"
        " AND queue = ?2 AND cancel_asked_at IS NULL",
        what.over_budget, what.queue);
    if (!done) return done.error();
    return database_.rows_changed();
}

Result<std::optional<Release>> WaitingJobs::release_asked(JobId id) {
    return database_.query_first<Release>(
        "SELECT queue, release_asked = 'over_budget' FROM jobs WHERE id = ? AND release_asked IS NOT NULL",
        id);
}

Result<std::vector<JobId>> WaitingJobs::due(const std::string& queue) {
    return database_.query<JobId>("SELECT id FROM jobs WHERE queue = ? AND waits_for IS NOT NULL ORDER BY id",
                                  queue);
}

Result<std::vector<JobId>> WaitingJobs::cancelled() {
    // By the index of what is being cancelled: that of what waits has tens of thousands of rows, and this is
    // asked for each file that comes.
    return database_.query<JobId>(
        "SELECT id FROM jobs INDEXED BY jobs_cancelling WHERE waits = 1 AND cancel_asked_at IS NOT NULL"
        " AND state IN ('claimed', 'planned', 'running', 'delivering') ORDER BY id");
}

}  // namespace batchd::store
