#pragma once

#include <optional>

#include "base/clock.hpp"

/// When a target is told next, and when a notice is given up. Pure.
namespace batchd::notify {

/// At most one message in this time goes to a target that gets them summed up.
inline constexpr Millis kDigestPause = std::chrono::minutes(1);

/// How long until the next message may go out; 0: now. `told_at`: when the last one did.
Millis pause_before_next(bool is_summed_up, std::optional<TimePoint> told_at, TimePoint now);

/// True where a notice of `at` is given up: it could have been told for `patience`, and nothing has got
/// through since `failing_since`.
bool is_given_up(TimePoint at, std::optional<TimePoint> failing_since, Millis patience, TimePoint now);

}  // namespace batchd::notify
