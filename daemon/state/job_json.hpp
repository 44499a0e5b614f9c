#pragma once

#include <boost/json/object.hpp>

#include "store/tables/jobs.hpp"

namespace batchd {

/// What `wait --json` and `submit --wait --json` tell of a job.
boost::json::object ended_job_json(const store::Job& job);

}  // namespace batchd
