#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "store/query/overview.hpp"
#include "web/html/html.hpp"

/// Values as people read them on a page. Pure.
namespace batchd::web {

/// In UTC; page.js shows the time of the browser's place beside it. An em dash where there is none.
Html time_html(const std::optional<TimePoint>& time);
/// "2,776"
Html number_html(std::uint64_t number);
/// A bar of what was answered, failed and is open, with the same in words for whoever does not see it.
Html progress_html(std::uint64_t answered, std::uint64_t failed, std::uint64_t total);
/// The state as a word, with a mark that is not only a colour.
Html state_html(store::JobState state);

}  // namespace batchd::web
