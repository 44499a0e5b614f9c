#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "schedule/cron_field.hpp"

namespace batchd::schedule {

/// A time on the wall of some place, whole minutes, as far as it is known without the place's time zone.
using LocalMinutes = std::chrono::local_time<std::chrono::minutes>;

/// Which minutes a cron line names: "minute hour day month weekday", or "@daily" and the like. It names at
/// least one in any nine years.
class Cron {
public:
    /// Reads five fields of lists, ranges, steps and names, in any case, with 0 and 7 for Sunday; or @hourly,
    /// @daily,
    /// @midnight, @weekly, @monthly, @yearly, @annually. Where day and weekday both are given, that is not
    /// "*", either counts. Source: crontab(5). Errors: bad_input, which names the field and what would be
    /// right, also where no month has the day that is named.
    static Result<Cron> parse(std::string_view text);

    /// The first minute at or after `from`.
    LocalMinutes first_from(LocalMinutes from) const;

    /// How the hours are meant, which matters when the clocks are changed: as times of day, or as "*" or a
    /// step of it, every so many hours.
    bool counts_hours() const { return counts_hours_; }
    /// The hours are "*": no hour is meant more than another.
    bool every_hour() const;

private:
    Cron() = default;
    bool ever_comes() const;
    bool has_day(std::chrono::local_days day) const;
    std::chrono::local_days first_day(std::chrono::local_days from) const;
    std::optional<std::chrono::minutes> first_time(std::chrono::minutes from) const;

    FieldSet minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
    bool any_day_ = false, any_weekday_ = false;
    bool counts_hours_ = false;
};

}  // namespace batchd::schedule
