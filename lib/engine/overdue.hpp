#pragma once

#include <optional>
#include <string>

#include "store/batches.hpp"

namespace batchd::engine {

/// Why somebody should look at a batch in flight; nothing while it is in time. Expiry is late by hours at
/// times, and cancelling and finalizing take minutes: six hours beyond are no longer usual. Pure.
std::optional<std::string> overdue(const store::Batch& batch, TimePoint now);

}  // namespace batchd::engine
