#include "schedule/cron.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "base/text/letter_case.hpp"

namespace batchd::schedule {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr FieldKind kMinute{"minutes", 0, 60, 59, "0 to 59"};
constexpr FieldKind kHour{"hours", 0, 24, 23, "0 to 23"};
constexpr FieldKind kDay{"days of the month", 1, 31, 31, "1 to 31"};
constexpr FieldKind kMonth{"months", 1, 12, 12, "1 to 12 or jan to dec", kMonths};
// Seven days of which one has two numbers, 0 and 7.
constexpr FieldKind kWeekday{"days of the week", 0, 7, 7, "0 to 7 or sun to sat", kWeekdays};

struct Nickname {
    std::string_view name, fields;
};
constexpr Nickname kNicknames[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},
};

// Of leap years: "29 2" comes, if seldom.
constexpr unsigned kLongestMonths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

bool has(FieldSet set, unsigned value) {
    return (set >> value & 1) != 0;
}

std::optional<unsigned> first_at_or_after(FieldSet set, unsigned value) {
    // The bits below are shifted out, and the others back to their places.
    const FieldSet rest = set >> value << value;
    if (rest == 0) return std::nullopt;
    return static_cast<unsigned>(std::countr_zero(rest));
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> fields;
    constexpr std::string_view kBlanks = " \t";
    for (std::size_t begin = 0; (begin = text.find_first_not_of(kBlanks, begin)) != text.npos;) {
        const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
        fields.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return fields;
}

/// The five fields, with a nickname written out.
Result<std::vector<std::string_view>> fields_of(std::string_view text) {
    const auto fields = split(text);
    if (fields.size() == 1 && fields[0].starts_with('@')) {
        for (const auto& [name, written_out] : kNicknames)
            if (fields[0] == name) return split(written_out);
        return error(
            Errc::bad_input,
            "\"" + std::string(fields[0]) +
                "\": must be @hourly, @daily, @midnight, @weekly, @monthly, @yearly, or five fields");
    }
    if (fields.size() != 5)
        return error(Errc::bad_input,
                     std::to_string(fields.size()) +
                         " fields: must be five, minute, hour, day, month and weekday, such as "
                         "\"0 2 * * mon-fri\", or one of @hourly, @daily, @weekly, @monthly, @yearly");
    return fields;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
    const std::string lowered = to_lower(text);
    const auto fields = fields_of(lowered);
    if (!fields) return fields.error();
    Cron cron;
    const struct {
        const FieldKind& kind;
        FieldSet& set;
    } targets[] = {{kMinute, cron.minutes_},
                   {kHour, cron.hours_},
                   {kDay, cron.days_},
                   {kMonth, cron.months_},
                   {kWeekday, cron.weekdays_}};
    for (std::size_t i = 0; i < fields->size(); ++i) {
        const auto set = parse_field((*fields)[i], targets[i].kind);
        if (!set) return set.error();
        targets[i].set = *set;
    }
    // Both 0 and 7 are Sunday, as in every cron.
    if (has(cron.weekdays_, 7)) cron.weekdays_ |= 1;
    const std::string_view hours = (*fields)[1];
    cron.counts_hours_ = hours.starts_with('*') && hours.find(',') == hours.npos;
    // By the text and not by the set: cron joins the two kinds of days by "or" only where both are given,
    // and "1-31" is given.
    cron.any_day_ = (*fields)[2] == "*";
    cron.any_weekday_ = (*fields)[4] == "*";
    if (!cron.ever_comes())
        return error(Errc::bad_input, "never comes: days of the month \"" + std::string((*fields)[2]) +
                                          "\" must be days that its months have");
    return cron;
}

bool Cron::every_hour() const {
    return counts_hours_ && hours_ == (FieldSet{1} << kHour.count) - 1;
}

bool Cron::ever_comes() const {
    if (any_day_ || !any_weekday_) return true;
    // The first of the days is the one that most months have.
    const auto first = static_cast<unsigned>(std::countr_zero(days_));
    for (unsigned month = 1; month <= 12; ++month)
        if (has(months_, month) && first <= kLongestMonths[month - 1]) return true;
    return false;
}

bool Cron::has_day(std::chrono::local_days day) const {
    const bool by_day = has(days_, static_cast<unsigned>(std::chrono::year_month_day(day).day()));
    const bool by_weekday = has(weekdays_, std::chrono::weekday(day).c_encoding());
    // Where both kinds of days are given either will do. Source: POSIX.1-2017, crontab.
    if (any_day_) return by_weekday;
    if (any_weekday_) return by_day;
    return by_day || by_weekday;
}

std::chrono::local_days Cron::first_day(std::chrono::local_days from) const {
    for (auto day = from;;) {
        const std::chrono::year_month_day date(day);
        // Whole months are leapt over: 29 February is found in some fifty steps instead of some thousand.
        if (!has(months_, static_cast<unsigned>(date.month()))) {
            day = std::chrono::local_days((date.year() / date.month() + std::chrono::months(1)) / 1);
        } else if (!has_day(day)) {
            day += std::chrono::days(1);
        } else {
            return day;
        }
    }
}

std::optional<std::chrono::minutes> Cron::first_time(std::chrono::minutes from) const {
    const auto hour = static_cast<unsigned>(from / 1h);
    const auto minute = static_cast<unsigned>(from % 1h / 1min);
    if (has(hours_, hour))
        if (const auto later = first_at_or_after(minutes_, minute)) return hour * 60min + *later * 1min;
    const auto later_hour = first_at_or_after(hours_, hour + 1);
    if (!later_hour) return std::nullopt;
    return *later_hour * 60min + std::countr_zero(minutes_) * 1min;
}

LocalMinutes Cron::first_from(LocalMinutes from) const {
    const auto today = std::chrono::floor<std::chrono::days>(from);
    if (first_day(today) == today)
        if (const auto time = first_time(from - today)) return today + *time;
    // From a day's beginning there always is a time, for no field is empty.
    return first_day(today + std::chrono::days(1)) + *first_time(0min);
}

}  // namespace batchd::schedule
