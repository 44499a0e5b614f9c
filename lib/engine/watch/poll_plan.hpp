#pragma once

#include <cstddef>

namespace batchd::engine {

/// How a round of polling asks. A page of the listing shows a hundred batches, but it shows everybody's who
/// shares the key; so listing is given up once it has cost as many calls as asking for each batch that is
/// still unseen would.
struct PollPlan {
    unsigned pages_max = 0;  ///< 0: ask for each batch by its id
};

/// Learns from what the last rounds cost.
class PollPlanner {
public:
    /// Counts down the rounds in which listing is left out, so it is asked once a round.
    PollPlan plan(std::size_t in_flight) const;
    /// What a round that listed came to: how many batches in flight it had shown when it ended.
    void listed(std::size_t in_flight, std::size_t shown);

private:
    static constexpr unsigned kRoundsWithoutListing = 20;
    mutable unsigned skip_ = 0;  // rounds to ask by id because listing did not pay
};

}  // namespace batchd::engine
