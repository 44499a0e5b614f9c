#pragma once

#include <boost/json/object.hpp>

#include "store/query/event_log.hpp"

namespace batchd::report {

/// {"id", "at", "kind", "job_id", "job", "queue", "batch", "user", "detail"}
boost::json::object event_json(const store::LoggedEvent& event);

}  // namespace batchd::report
