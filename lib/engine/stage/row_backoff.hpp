#pragma once

#include "base/backoff.hpp"
#include "config/settings.hpp"

namespace batchd::engine {

/// Between the tries of a row that could not be moved on.
inline Backoff row_backoff(const config::Retry& retry) {
    return {.min = retry.min_backoff, .max = retry.max_backoff};
}

}  // namespace batchd::engine
