#include "report/event_json.hpp"

#include "base/log.hpp"
#include "base/text/json_values.hpp"

namespace batchd::report {

boost::json::object event_json(const store::LoggedEvent& event) {
    return {{"id", event.id},
            {"at", to_utc_text(event.at)},
            {"kind", printable(event.kind)},
            {"job_id", event.job_id ? boost::json::value(event.job_id->value) : boost::json::value(nullptr)},
            {"job", text_or_null(event.job)},
            {"queue", text_or_null(event.queue)},
            {"batch", text_or_null(event.batch_id)},
            {"user", text_or_null(event.user)},
            {"detail", printable(event.detail)}};
}

}  // namespace batchd::report
