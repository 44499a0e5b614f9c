#include "schedule/next_moment.hpp"

namespace batchd::schedule {
namespace {

using namespace std::chrono_literals;

/// The order of moments is that of the times of day which stand for them, so those up to the one that the
/// clocks show need no look; but when they show an hour for the second time, the rest of it has been.
SysSeconds next_time_of_day(const Cron& cron, const TimeZone& zone, SysSeconds after) {
    auto local = std::chrono::floor<std::chrono::minutes>(zone.to_local(after));
    for (;;) {
        local = cron.first_from(local + 1min);
        if (const auto moment = zone.first_moment_of(local); moment > after) return moment;
    }
}

/// From one change of the clocks to the next, in each stretch as if there were no other.
SysSeconds next_shown_time(const Cron& cron, const TimeZone& zone, SysSeconds earliest) {
    for (;;) {
        const LocalSeconds shown = zone.to_local(earliest);
        const LocalSeconds local = cron.first_from(std::chrono::ceil<std::chrono::minutes>(shown));
        const SysSeconds moment = earliest + (local - shown);
        const auto change = zone.next_change(earliest);
        if (!change || moment < *change) return moment;
        const bool skipped = local < zone.to_local(*change);
        // A time that the clocks leap over comes right after the gap: a nightly run is late by minutes once
        // a year, and not missing.
        if (skipped && !cron.every_hour()) return *change;
        earliest = *change;
    }
}

}  // namespace

TimePoint next_moment(const Cron& cron, const TimeZone& zone, TimePoint after) {
    const auto second = std::chrono::floor<std::chrono::seconds>(after);
    return cron.counts_hours() ? next_shown_time(cron, zone, second + 1s)
                               : next_time_of_day(cron, zone, second);
}

}  // namespace batchd::schedule
