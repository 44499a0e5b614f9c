#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/disk/file.hpp"
#include "torture/campaign.hpp"

namespace batchd::torture {

/// What the scenario's provider is: one with a batch API, or a server that answers one request at a time.
enum class Service { batches, one_by_one };

/// The command line of batchd-torture.
struct Options {
    std::string kind;                     ///< kill, error, power, restore, notices, hooks, random or soak
    std::optional<std::uint64_t> sample;  ///< so many runs, drawn by the seed; nothing: all
    std::uint64_t seed = 1;
    std::optional<std::uint64_t> at;  ///< this run only
    unsigned jobs = 2;
    unsigned minutes = 10;               ///< of a soak
    Service service = Service::batches;  ///< of kill, error and power
    Path daemon;                         ///< "": the one that was built with the tests
};

/// The trials that are asked for, out of those with the numbers below `end`.
std::vector<Trial> trials_of(const Options& options, std::uint64_t end);
CampaignOptions campaign_of(const Options& options);
/// One line with the figures; `extent`: what there was to try.
void print(const Options& options, const Tally& tally, const std::string& extent);

}  // namespace batchd::torture
