#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "web/html/html.hpp"

/// What happened when, as inline SVG. The times are in a table beside it: here they are for the eye. Pure.
namespace batchd::web {

/// All of a picture, from its left to its right. A moment that lies outside of it is drawn at its edge.
struct TimeSpan {
    TimePoint begin{}, end{};
};

/// A bar from one moment to another on a line of time; nothing where it has not begun.
Html span_bar(const TimeSpan& whole, const std::optional<TimePoint>& from,
              const std::optional<TimePoint>& to);

/// So many more were answered, and so many failed, at a moment.
struct ProgressStep {
    TimePoint at{};
    std::uint64_t answered = 0, failed = 0;
};

/// How both have grown, in steps, of `total`: what failed lies on top of what was answered.
Html progress_chart(const TimeSpan& whole, std::vector<ProgressStep> steps, std::uint64_t total);

}  // namespace batchd::web
