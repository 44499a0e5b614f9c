#pragma once

#include <functional>

#include "base/units.hpp"

namespace batchd {

/// How long to wait after a number of failures in a row: doubling from `min` up to `max`.
struct Backoff {
    Millis min{1000};
    Millis max{300'000};
    /// The part that is taken off at most, by chance, so that what failed together does not come back
    /// together; 0 to 1.
    double spread = 0.25;

    /// `failures` from 1; `jitter` in [0, 1): 0 takes nothing off, and towards 1 all of the spread.
    Millis delay(unsigned failures, double jitter) const;
};

/// A number in [0, 1), another one at each call.
using Jitter = std::function<double()>;
/// The one that is not made up by a test.
double random_jitter();

}  // namespace batchd
