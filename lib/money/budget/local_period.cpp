#include "money/budget/local_period.hpp"

#include <chrono>
#include <ctime>
#include <tuple>

namespace batchd::money {
namespace {

using Seconds = std::chrono::seconds;

// Longer than any day or month is, with the clocks changed in it and a day left out (as Samoa did).
constexpr Seconds kLongerThanADay = std::chrono::hours(24 * 2 + 2);
constexpr Seconds kLongerThanAMonth = std::chrono::hours(24 * 33);

/// Year, month, and the day where it is asked for. Grows with time, so that it can be searched in.
std::tuple<int, int, int> local_date(PeriodKind kind, std::time_t at) {
    std::tm parts{};
    ::localtime_r(&at, &parts);
    return {parts.tm_year, parts.tm_mon, kind == PeriodKind::day ? parts.tm_mday : 0};
}

/// The first second in (low, high] for which `is_past` holds; it does at `high`.
template <class Predicate>
std::time_t first_second(std::time_t low, std::time_t high, Predicate is_past) {
    // A few dozen looks at the clock, whatever the time zone does.
    while (high - low > 1) {
        const std::time_t middle = low + (high - low) / 2;
        (is_past(middle) ? high : low) = middle;
    }
    return high;
}

}  // namespace

Period local_period(PeriodKind kind, TimePoint at) {
    const std::time_t now = std::chrono::floor<Seconds>(at).time_since_epoch().count();
    const auto date = local_date(kind, now);
    const std::time_t reach = (kind == PeriodKind::day ? kLongerThanADay : kLongerThanAMonth).count();
    // Searched for by what the clock on the wall shows, since no sum of hours is right where the clocks
    // change.
    const std::time_t from =
        first_second(now - reach, now, [&](std::time_t second) { return local_date(kind, second) >= date; });
    const std::time_t to =
        first_second(now, now + reach, [&](std::time_t second) { return local_date(kind, second) > date; });
    return {TimePoint(Seconds(from)), TimePoint(Seconds(to))};
}

}  // namespace batchd::money
