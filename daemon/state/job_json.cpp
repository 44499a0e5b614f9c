#include "daemon/state/job_json.hpp"

#include "base/log.hpp"
#include "base/text/json_values.hpp"

namespace batchd {

boost::json::object ended_job_json(const store::Job& job) {
    return {{"id", job.id.value},
            {"name", printable(job.name)},
            {"queue", printable(job.queue)},
            {"state", to_string(job.state)},
            {"reason", text_or_null(job.reason)},
            {"folder", text_or_null(job.delivered_to)},
            {"requests", job.requests},
            {"succeeded", job.succeeded},
            {"failed", job.failed},
            {"finished_at", time_or_null(job.finished_at)}};
}

}  // namespace batchd
