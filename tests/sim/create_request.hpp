#pragma once

#include <boost/json/fwd.hpp>

#include "sim/api_error.hpp"
#include "sim/batch.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

/// Checks the body of `POST /batches` for everything that can be told without looking at files.
Reply<CreateRequest> read_create_request(const boost::json::value& body, const Settings& settings);

}  // namespace batchd::sim
