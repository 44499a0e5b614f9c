#include "web/html/time_chart.hpp"

#include <algorithm>

namespace batchd::web {
namespace {

constexpr std::int64_t kSide = 1000;

/// Where a moment is between left (0) and right (1000).
std::int64_t place_of(TimePoint at, const TimeSpan& whole) {
    // At least one, for a job that has just begun has no length to divide by.
    const auto length = std::max<std::int64_t>((whole.end - whole.begin).count(), 1);
    const double share = static_cast<double>((at - whole.begin).count()) / static_cast<double>(length);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(share * kSide), 0, kSide);
}

/// How high so many of `total` reach, from the top.
std::int64_t height_of(std::uint64_t number, std::uint64_t total) {
    const double share = total == 0 ? 0 : static_cast<double>(number) / static_cast<double>(total);
    return kSide - std::clamp<std::int64_t>(static_cast<std::int64_t>(share * kSide), 0, kSide);
}

/// The area below a line of steps; `number_of` says how high a step's line is.
template <class Number>
Html area(Markup name, const TimeSpan& whole, const std::vector<ProgressStep>& steps, std::uint64_t total,
          Number number_of) {
    Html html;
    std::int64_t height = kSide;
    html << "<path class=\"" << name << "\" d=\"M0 1000";
    for (const ProgressStep& step : steps) {
        html << " H" << place_of(step.at, whole);
        height = height_of(number_of(step), total);
        html << " V" << height;
    }
    html << " H1000 V1000 Z\"></path>";
    return html;
}

}  // namespace

Html span_bar(const TimeSpan& whole, const std::optional<TimePoint>& from,
              const std::optional<TimePoint>& to) {
    Html html;
    if (!from) return html;
    // A bar of a second within a day would not be seen: each is at least so wide, and within the picture.
    const std::int64_t left = std::min<std::int64_t>(place_of(*from, whole), kSide - 8);
    // What goes on reaches to the end of the picture, which is now.
    const std::int64_t right = std::max(place_of(to.value_or(whole.end), whole), left + 8);
    html << "<svg class=\"span\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
            "<rect class=\"open\" width=\"1000\" height=\"10\"></rect><rect class=\"paid\" x=\""
         << left << "\" width=\"" << right - left << "\" height=\"10\"></rect></svg>";
    return html;
}

Html progress_chart(const TimeSpan& whole, std::vector<ProgressStep> steps, std::uint64_t total) {
    // They come in the order of the batches, and not in that in which these ended.
    std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    for (std::size_t i = 1; i < steps.size(); ++i) {
        steps[i].answered += steps[i - 1].answered;
        steps[i].failed += steps[i - 1].failed;
    }
    Html html;
    html << "<svg class=\"steps\" viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" role=\"img\" "
            "aria-label=\"Requests answered and failed over time; the table has the times\">"
         << area("failed", whole, steps, total, [](const ProgressStep& p) { return p.answered + p.failed; })
         << area("answered", whole, steps, total, [](const ProgressStep& p) { return p.answered; })
         << "</svg>";
    return html;
}

}  // namespace batchd::web
