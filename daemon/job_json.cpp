#include "job_json.hpp"

#include "base/log.hpp"

namespace batchd {

boost::json::value json_text(const std::string& text) {
    return text.empty() ? boost::json::value(nullptr) : boost::json::value(printable(text));
}

boost::json::object ended_job_json(const store::Job& job) {
    return {{"id", job.id.value},
            {"name", printable(job.name)},
            {"queue", printable(job.queue)},
            {"state", to_string(job.state)},
            {"reason", json_text(job.reason)},
            {"folder", json_text(job.delivered_to)},
            {"requests", job.requests},
            {"succeeded", job.succeeded},
            {"failed", job.failed},
            {"finished_at", job.finished_at ? boost::json::value(to_utc_text(*job.finished_at))
                                            : boost::json::value(nullptr)}};
}

}  // namespace batchd
