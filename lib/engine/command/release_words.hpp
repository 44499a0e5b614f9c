#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/queue/waiting_tally.hpp"
#include "store/money/budgets.hpp"

/// What people are told of a release. Pure.
namespace batchd::engine {

struct Released {
    WaitingFiles gone;         ///< what has waited for company or its time, and waits no longer
    std::uint64_t unread = 0;  ///< files that are being read, and won't wait once they are
    std::vector<store::MoneyWaits> without_money{};  ///< what waits in the queue all the same
    /// False where there is money enough, or nobody asks for it.
    bool is_held_to_budget = false;
};

/// "5 requests of 2 files in nightly are sent; 1 file that is still being read goes as soon as it is".
std::string what_a_release_does(const std::string& queue, const Released& released);

}  // namespace batchd::engine
