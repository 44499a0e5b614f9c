#include "web/html/words.hpp"

#include <algorithm>

namespace batchd::web {
namespace {

constexpr std::uint64_t kBarWidth = 1000;

/// `part` of `total` on a bar: never nothing where there is something, for one failure of a million counts.
std::uint64_t width_of(std::uint64_t part, std::uint64_t total) {
    if (part == 0 || total == 0) return 0;
    const auto share = static_cast<double>(part) / static_cast<double>(total);
    const auto width = static_cast<std::uint64_t>(share * static_cast<double>(kBarWidth));
    return std::clamp<std::uint64_t>(width, 8, kBarWidth);
}

}  // namespace

Html time_html(const std::optional<TimePoint>& time) {
    Html html;
    if (!time) return std::move(html << "—");
    const std::string utc = to_utc_text(*time);
    // To the minute, for people; the attribute beside it has all of it, for page.js.
    std::string shown = utc.substr(0, 16);
    std::replace(shown.begin(), shown.end(), 'T', ' ');
    html << "<time datetime=\"" << Text(utc) << "\">" << Text(shown) << " UTC</time>";
    return html;
}

Html number_html(std::uint64_t number) {
    Html html;
    html << Text(with_commas(number));
    return html;
}

Html progress_html(std::uint64_t answered, std::uint64_t failed, std::uint64_t total) {
    // The failed ones take their room first: they are few, and what people look for.
    const std::uint64_t bad = width_of(failed, total);
    const std::uint64_t good = std::min(width_of(answered, total), kBarWidth - bad);
    Html html;
    html << "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" "
            "aria-label=\""
         << number_html(answered) << " answered, " << number_html(failed) << " failed, of "
         << number_html(total) << "\"><rect class=\"open\" width=\"1000\" height=\"10\"></rect>"
         << "<rect class=\"answered\" width=\"" << good
         << "\" height=\"10\"></rect><rect class=\"failed\" x=\"" << good << "\" width=\"" << bad
         << "\" height=\"10\"></rect></svg>";
    return html;
}

Html state_html(store::JobState state) {
    Html html;
    // The states are words of ours, and fit for the name of a class.
    html << "<span class=\"state " << Text(to_string(state)) << "\">" << Text(to_string(state)) << "</span>";
    return html;
}

}  // namespace batchd::web
