#pragma once

#include "base/clock.hpp"
#include "schedule/cron.hpp"
#include "schedule/time_zone.hpp"

namespace batchd::schedule {

/// The first moment of `cron` in `zone` that is later than `after`.
///
/// When the clocks are put forward, what they skip comes at the moment of that, as one; when they are put
/// back, what they show twice counts the first time only. Where the hours are "*" or a step of it, hours are
/// what is counted, and what is shown twice counts twice; with "*" nothing is made up for, for the hour that
/// is skipped has not been.
TimePoint next_moment(const Cron& cron, const TimeZone& zone, TimePoint after);

}  // namespace batchd::schedule
