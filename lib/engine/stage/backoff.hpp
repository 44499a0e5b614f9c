#pragma once

#include "base/units.hpp"

namespace batchd::engine {

/// How long to wait after a number of failures in a row: doubling from `min` up to `max`.
struct Backoff {
    Millis min{1000};
    Millis max{300'000};

    /// `failures` from 1. `jitter` in [0, 1) takes off up to a quarter, so that what failed together does not
    /// come back together.
    Millis delay(unsigned failures, double jitter) const;
};

/// A random number in [0, 1).
double random_jitter();

}  // namespace batchd::engine
