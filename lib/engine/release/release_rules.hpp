#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "engine/queue/waiting_tally.hpp"
#include "schedule/cron.hpp"
#include "schedule/time_zone.hpp"

/// When what waits in a queue is sent. Pure.
namespace batchd::engine {

/// The rules of a queue, read.
struct ReleaseRules {
    struct Schedule {
        schedule::Cron cron;
        schedule::TimeZone zone;
    };
    Millis collect{0};
    std::optional<std::uint64_t> collect_requests;
    std::optional<Schedule> at;

    /// Errors: bad_input, as the configuration names it.
    static Result<ReleaseRules> of(const config::Queue& queue);
    /// False where a file is sent as soon as it is checked.
    bool any() const { return collect > Millis{0} || collect_requests || at; }
};

struct Release {
    /// Now, what was taken up to `until`; nothing: not yet.
    std::optional<TimePoint> until;
    std::string why;  ///< for people: "its schedule", "5,000 requests wait"
    /// When it is due, or was, by the time; nothing: when more have come.
    std::optional<TimePoint> next;
};

/// `now` is the wall clock's: what was missed while the daemon was stopped is due at once, and takes what
/// waited then.
Release when_released(const ReleaseRules& rules, const WaitingFiles& waiting, TimePoint now);

}  // namespace batchd::engine
