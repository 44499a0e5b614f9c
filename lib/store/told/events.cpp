#include "store/told/events.hpp"

namespace batchd::store {

Result<void> Events::add(TimePoint at, std::optional<JobId> job, std::string_view batch_id,
                         std::string_view kind, std::string_view detail, std::string_view user,
                         std::string_view queue) {
    // What tells of the whole daemon, or comes before there is a batch, has NULL there: people who look for
    // the events of one job or batch do not find it by accident.
    return database_.run(
        "INSERT INTO events (at, job_id, batch, kind, detail, user, queue) VALUES (?, ?, ?, ?, ?, ?, ?)", at,
        job, OrNull{batch_id}, kind, detail, OrNull{user}, OrNull{queue});
}

}  // namespace batchd::store
