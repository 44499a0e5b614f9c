#include "base/backoff.hpp"

#include <algorithm>
#include <random>

namespace batchd {

Millis Backoff::delay(unsigned failures, double jitter) const {
    Millis wait = min;
    // It stops at the limit, so that no number of failures makes the wait overflow.
    for (unsigned i = 1; i < failures && wait < max; ++i) wait *= 2;
    wait = std::min(wait, max);
    return wait - std::chrono::duration_cast<Millis>(wait * (jitter * spread));
}

double random_jitter() {
    static thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace batchd
