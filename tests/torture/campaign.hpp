#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "torture/finding.hpp"

namespace batchd::torture {

/// What one run came to.
struct Outcome {
    bool was_struck = false;  ///< the fault took place; a run may be over before its moment comes
    std::string what;         ///< the fault, for a person
    Findings findings;
    std::string log;  ///< of the daemon
};

struct Trial {
    std::uint64_t number = 0;  ///< which it is, so that it can be run again
    std::uint64_t seed = 0;    ///< of whatever chance there is in it
};

struct Tally {
    unsigned long long runs = 0, struck = 0, failed_runs = 0;
    unsigned long long lost = 0, twice = 0, crashed = 0, broken = 0;  ///< runs in which it was found
    bool is_clean() const { return failed_runs == 0; }
};

struct CampaignOptions {
    std::string name;    ///< of the kind of torture, as the command takes it
    unsigned jobs = 2;   ///< processes at once
    std::string replay;  ///< the command that runs a failed trial again, but for its number
};

/// Runs each trial in one of a few processes of its own, and says at once what is found. Throws
/// std::system_error when there can be no process. Call it while there is one thread only.
Tally run_trials(const CampaignOptions& options, const std::vector<Trial>& trials,
                 const std::function<Outcome(const Trial&)>& run);

/// `count` numbers below `end`, different ones and evenly drawn; all of them when `count` is not smaller.
std::vector<std::uint64_t> draw(std::uint64_t end, std::uint64_t count, std::uint64_t seed);

}  // namespace batchd::torture
