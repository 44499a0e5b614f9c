#pragma once

#include <optional>
#include <string>

#include "store/tables/batches.hpp"

namespace batchd::engine {

/// Why somebody should look at a batch in flight; nothing while it is in time. Expiry is late by hours at
/// times, and cancelling and finalizing take minutes: six hours beyond are no longer usual. `window` is what
/// it was given, for providers that do not say when it expires; nothing where that is no length of time.
/// Pure.
std::optional<std::string> overdue(const store::Batch& batch, std::optional<Millis> window, TimePoint now);

}  // namespace batchd::engine
