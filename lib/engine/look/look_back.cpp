#include "engine/look/look_back.hpp"

#include <algorithm>

namespace batchd::engine {
namespace {

// For clocks that were set meanwhile. A day more of a listing is a few pages, and doubts are rare.
constexpr auto kMargin = std::chrono::hours(24);

}  // namespace

TimePoint LookBack::not_before(TimePoint newest) {
    if (not_before_) return *not_before_;
    // Our clock was set back since: nobody knows how long ago the attempt was.
    if (now_ < intent_at_) return not_before_.emplace(TimePoint{});
    // Not kept: the next item may say its time.
    if (newest == TimePoint{}) return intent_at_ - kMargin;
    // By the provider's clock as well as by ours, whichever goes further back.
    return not_before_.emplace(std::min(intent_at_, newest - (now_ - intent_at_)) - kMargin);
}

}  // namespace batchd::engine
