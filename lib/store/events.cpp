#include "store/events.hpp"

namespace batchd::store {

Result<void> Events::add(TimePoint at, std::optional<JobId> job, std::string_view batch_id,
                         std::string_view kind, std::string_view detail) {
    auto statement =
        database_.statement("INSERT INTO events (at, job_id, batch, kind, detail) VALUES (?, ?, ?, ?, ?)");
    if (!statement) return statement.error();
    (*statement)->bind(at);
    if (job)
        (*statement)->bind(job->value);
    else
        (*statement)->bind_null();
    return (*statement)->bind_or_null(batch_id).bind(kind).bind(detail).run();
}

}  // namespace batchd::store
