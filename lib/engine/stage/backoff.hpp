#pragma once

#include "base/units.hpp"
#include "config/settings.hpp"

namespace batchd::engine {

/// How long to wait after a number of failures in a row: doubling from `min` up to `max`.
struct Backoff {
    Millis min{1000};
    Millis max{300'000};

    /// `failures` from 1. `jitter` in [0, 1) takes off up to a quarter, so that what failed together does not
    /// come back together.
    Millis delay(unsigned failures, double jitter) const;
};

/// Between the tries of a row that could not be moved on.
inline Backoff row_backoff(const config::Retry& retry) {
    return {retry.min_backoff, retry.max_backoff};
}

/// A random number in [0, 1).
double random_jitter();

}  // namespace batchd::engine
