#include "engine/watch/poll_plan.hpp"

#include <algorithm>

namespace batchd::engine {

PollPlan PollPlanner::plan(std::size_t in_flight) const {
    // One or two calls by id cost no more than a page, and a page is larger.
    if (in_flight <= 2) return {.pages_max = 0};
    if (skip_ > 0) {
        --skip_;
        return {.pages_max = 0};
    }
    return {.pages_max = static_cast<unsigned>(std::min<std::size_t>(in_flight, 10'000))};
}

void PollPlanner::listed(std::size_t in_flight, std::size_t shown) {
    // A list that is full of others' batches costs pages and shows little: for a while it is left alone.
    if (shown * 2 < in_flight) skip_ = kRoundsWithoutListing;
}

}  // namespace batchd::engine
