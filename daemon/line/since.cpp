#include "daemon/line/since.hpp"

#include <string>

namespace batchd {

std::optional<TimePoint> parse_since(std::string_view text, TimePoint now) {
    if (const auto ago = parse_duration(text))
        // Longer ago than there are times is from the beginning on.
        return *ago <= now.time_since_epoch() ? now - *ago : TimePoint{};
    // What is left out of a time is 0: it is filled up to the form in which times are written everywhere.
    constexpr std::string_view kMidnight = "0000-00-00T00:00:00Z";
    std::string whole(text);
    if (whole.size() > 10 && whole[10] == ' ') whole[10] = 'T';
    if (whole.ends_with('Z') && whole.size() < kMidnight.size()) whole.pop_back();
    // Behind the day, the minutes or the seconds; anywhere else half of a number would be filled up.
    const bool is_cut_well = whole.size() == 10 || whole.size() == 16 || whole.size() >= 19;
    if (!is_cut_well || whole.size() > kMidnight.size()) return std::nullopt;
    return parse_utc_text(whole.append(kMidnight.substr(whole.size())));
}

}  // namespace batchd
