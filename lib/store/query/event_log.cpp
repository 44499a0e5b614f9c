#include "store/query/event_log.hpp"

#include <tuple>

namespace batchd::store {

static auto columns_of(LoggedEvent& e) {
    return std::tie(e.id, e.at, e.kind, e.job_id, e.job, e.queue, e.batch_id, e.user, e.detail);
}

Result<std::vector<LoggedEvent>> events_after(Database& database, std::int64_t after,
                                              std::optional<JobId> job, TimePoint since,
                                              std::size_t count_max) {
    // What is about a batch that several share has no job; it is found by the batch.
    if (job)
        return database.query<LoggedEvent>(
            "SELECT e.id, e.at, e.kind, e.job_id, j.name, coalesce(e.queue, j.queue), e.batch, e.user, "
            "e.detail"
            " FROM events e LEFT JOIN jobs j ON j.id = e.job_id"
            " WHERE (e.job_id = ?1 OR (e.job_id IS NULL AND e.batch IN (SELECT b.batch_id FROM parts p"
            "  JOIN batches b ON b.id = p.batch WHERE p.job_id = ?1 AND b.bundle IS NOT NULL)))"
            " AND e.id > ?2 AND e.at >= ?3 ORDER BY e.id LIMIT ?4",
            *job, after, since, count_max);
    return database.query<LoggedEvent>(
        "SELECT e.id, e.at, e.kind, e.job_id, j.name, coalesce(e.queue, j.queue), e.batch, e.user, e.detail"
        " FROM events e LEFT JOIN jobs j ON j.id = e.job_id WHERE e.id > ? AND e.at >= ? ORDER BY e.id LIMIT "
        "?",
        after, since, count_max);
}

Result<std::int64_t> before_last_events(Database& database, std::optional<JobId> job, std::size_t count) {
    const auto ids =
        job ? database.query<std::int64_t>(
                  "SELECT id FROM events WHERE job_id = ?1 OR (job_id IS NULL AND batch IN"
                  " (SELECT b.batch_id FROM parts p JOIN batches b ON b.id = p.batch WHERE p.job_id = ?1"
                  "  AND b.bundle IS NOT NULL)) ORDER BY id DESC LIMIT ?2",
                  *job, count)
            : database.query<std::int64_t>("SELECT id FROM events ORDER BY id DESC LIMIT ?", count);
    if (!ids) return ids.error();
    return ids->empty() ? 0 : ids->back() - 1;
}

Result<std::int64_t> newest_event(Database& database) {
    return database.query_value<std::int64_t>("SELECT coalesce(max(id), 0) FROM events");
}

}  // namespace batchd::store
