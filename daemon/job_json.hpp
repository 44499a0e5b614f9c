#pragma once

#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "store/tables/jobs.hpp"

namespace batchd {

/// Printable, or null where it is empty.
boost::json::value json_text(const std::string& text);

/// What `wait --json` and `submit --wait --json` tell of a job.
boost::json::object ended_job_json(const store::Job& job);

}  // namespace batchd
