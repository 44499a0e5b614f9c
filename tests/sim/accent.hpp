#pragma once

#include "sim/http_message.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

/// Puts an answer into the words and shapes of the service that is imitated. It comes last, so that all else
/// speaks like OpenAI.
void give_accent(const Settings& settings, const RequestHead& head, Response& response);

}  // namespace batchd::sim
