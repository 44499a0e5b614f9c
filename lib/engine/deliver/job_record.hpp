#pragma once

#include <string>

#include "engine/deliver/delivery.hpp"

namespace batchd::engine {

/// job.json: what the database says of the job and its batches, under the same names.
std::string job_json(const Delivery& delivery);

}  // namespace batchd::engine
