#include "http/header/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace batchd::http {
namespace {

using namespace std::chrono;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A plain decimal number, not negative, all of `text`; "1e400", "inf" and "nan" are not numbers here.
std::optional<double> parse_number(std::string_view text) {
    if (text.empty() || text.size() > 40 || text.find_first_not_of("0123456789.") != std::string_view::npos)
        return {};
    double number = 0;
    const auto [end, ec] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (ec != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return {};
    return number;
}

Millis capped(double milliseconds) {
    const double limit = static_cast<double>(kRetryAfterMax.count());
    // Up, for a millisecond too early is a second refusal.
    return Millis(static_cast<Millis::rep>(std::ceil(std::min(milliseconds, limit))));
}

std::optional<unsigned> month_number(std::string_view name) {
    static constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto at = std::find(kNames.begin(), kNames.end(), name);
    if (at == kNames.end()) return {};
    return static_cast<unsigned>(at - kNames.begin()) + 1;
}

struct Fields {
    int year = 0, hour = 0, minute = 0, second = 0;
    unsigned day = 0;
    char month[4] = {};
};

std::optional<TimePoint> to_time(const Fields& f) {
    const auto month = month_number(f.month);
    if (!month) return {};
    const year_month_day date{year(f.year), std::chrono::month(*month), day(f.day)};
    if (!date.ok() || f.hour < 0 || f.hour > 23 || f.minute < 0 || f.minute > 59 || f.second < 0 ||
        f.second > 60)
        return {};
    return sys_days(date) + hours(f.hour) + minutes(f.minute) + seconds(f.second);
}

}  // namespace

std::optional<TimePoint> parse_http_date(std::string_view text) {
    const std::string copy(trimmed(text).substr(0, 64));
    const auto whole = [&copy](int used) {
        return used > 0 && static_cast<std::size_t>(used) == copy.size();
    };
    Fields f;
    int used = 0;
    // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
    if (std::sscanf(copy.c_str(), "%*3[A-Za-z], %2u %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &f.day, f.month,
                    &f.year, &f.hour, &f.minute, &f.second, &used) == 6 &&
        whole(used))
        return to_time(f);
    // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
    f = {}, used = 0;
    if (std::sscanf(copy.c_str(), "%*9[A-Za-z], %2u-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &f.day, f.month,
                    &f.year, &f.hour, &f.minute, &f.second, &used) == 6 &&
        whole(used)) {
        // Two digits leave the century open, and this header is about the near future. Source: RFC
        // 9110, 5.6.7.
        f.year += f.year < 70 ? 2000 : 1900;
        return to_time(f);
    }
    // asctime(): Sun Nov  6 08:49:37 1994
    f = {}, used = 0;
    if (std::sscanf(copy.c_str(), "%*3[A-Za-z] %3[A-Za-z] %2u %2d:%2d:%2d %4d%n", f.month, &f.day, &f.hour,
                    &f.minute, &f.second, &f.year, &used) == 6 &&
        whole(used))
        return to_time(f);
    return {};
}

std::optional<Millis> parse_retry_after(std::string_view value, TimePoint now) {
    value = trimmed(value);
    if (const auto seconds_count = parse_number(value)) return capped(*seconds_count * 1000);
    const auto date = parse_http_date(value);
    // A date that has passed says nothing about how long to wait.
    if (!date || *date <= now) return {};
    return std::min(duration_cast<Millis>(*date - now), kRetryAfterMax);
}

std::optional<Millis> parse_retry_after_ms(std::string_view value) {
    if (const auto milliseconds = parse_number(trimmed(value))) return capped(*milliseconds);
    return {};
}

}  // namespace batchd::http
