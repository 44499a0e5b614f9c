#pragma once

#include "sim/backend.hpp"
#include "sim/http_message.hpp"

namespace batchd::sim {

/// Puts the lies in force in place of what the service has truly answered.
void tell_lies(Backend& backend, const RequestHead& head, Response& response);

}  // namespace batchd::sim
