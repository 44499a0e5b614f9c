#include "engine/release/release_rules.hpp"

#include <algorithm>

#include "base/units.hpp"
#include "schedule/next_moment.hpp"

namespace batchd::engine {

Result<ReleaseRules> ReleaseRules::of(const config::Queue& queue) {
    ReleaseRules rules;
    rules.collect = queue.collect;
    rules.collect_requests = queue.collect_requests;
    if (queue.schedule.empty()) return rules;
    auto cron = schedule::Cron::parse(queue.schedule);
    if (!cron) return cron.error();
    auto zone =
        queue.timezone.empty() ? schedule::TimeZone::of_machine() : schedule::TimeZone::load(queue.timezone);
    if (!zone) return zone.error();
    rules.at.emplace(Schedule{std::move(*cron), std::move(*zone)});
    return rules;
}

Release when_released(const ReleaseRules& rules, const WaitingFiles& waiting, TimePoint now) {
    Release release;
    if (!rules.any()) {
        release.until = now;
        return release;
    }
    // First of all, for it needs no time: enough is enough, whatever the schedule says.
    if (rules.collect_requests && waiting.requests >= *rules.collect_requests) {
        release.until = now;
        release.why = count_of(waiting.requests, "request waits", "requests wait");
        return release;
    }
    if (rules.collect > Millis{0}) {
        // By the oldest, so that nobody waits longer because others come behind. When it was taken is on
        // record in whole seconds, cut off: never before its time is over.
        release.next = std::chrono::floor<std::chrono::seconds>(waiting.oldest) + std::chrono::seconds(1) +
                       rules.collect;
        if (*release.next <= now) {
            release.until = now;
            release.why = "the oldest has waited for " + format_duration(rules.collect);
            return release;
        }
    }
    if (rules.at) {
        const TimePoint moment = schedule::next_moment(rules.at->cron, rules.at->zone, waiting.oldest);
        if (moment <= now) {
            // What came behind a moment that was missed waits for the next one.
            release.until = moment;
            release.why = "its schedule";
        }
        release.next = std::min(release.next.value_or(moment), moment);
    }
    return release;
}

}  // namespace batchd::engine
