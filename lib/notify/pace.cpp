#include "notify/pace.hpp"

#include <algorithm>

namespace batchd::notify {

Millis pause_before_next(bool is_summed_up, std::optional<TimePoint> told_at, TimePoint now) {
    // A clock that was set back is not waited for longer than the pause is.
    if (!is_summed_up || !told_at || *told_at > now) return Millis{0};
    return std::max(Millis{0}, *told_at + kDigestPause - now);
}

bool is_given_up(TimePoint at, std::optional<TimePoint> failing_since, Millis patience, TimePoint now) {
    // While the machine was off nothing was tried: the time counts from the first try that failed.
    return failing_since && now - std::max(at, *failing_since) >= patience;
}

}  // namespace batchd::notify
