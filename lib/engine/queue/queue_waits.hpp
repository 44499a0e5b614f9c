#pragma once

#include <string>

#include "config/settings.hpp"

namespace batchd::engine {

/// Whether what comes into the queue waits there for company or for its time before it is sent. A queue that
/// is not configured has no such rules.
bool waits_for_company(const config::Settings& settings, const std::string& queue);

}  // namespace batchd::engine
