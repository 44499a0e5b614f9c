#include "torture/options.hpp"

#include <cstdio>

namespace batchd::torture {

std::vector<Trial> trials_of(const Options& options, std::uint64_t end) {
    std::vector<std::uint64_t> numbers{options.at.value_or(0)};
    if (!options.at) numbers = draw(end, options.sample.value_or(end), options.seed);
    std::vector<Trial> trials;
    for (const std::uint64_t number : numbers) trials.push_back({number, options.seed + number});
    return trials;
}

static std::string name_of(const Options& options) {
    return options.kind + (options.service == Service::one_by_one ? " --direct" : "");
}

CampaignOptions campaign_of(const Options& options) {
    return {.name = name_of(options),
            .jobs = options.jobs,
            .replay =
                "batchd-torture " + name_of(options) + " --seed " + std::to_string(options.seed) + " --at "};
}

void print(const Options& options, const Tally& tally, const std::string& extent) {
    std::printf(
        "%s: %s; %llu runs, %llu struck; lost %llu, twice %llu, crashed %llu, otherwise broken %llu\n",
        name_of(options).c_str(), extent.c_str(), tally.runs, tally.struck, tally.lost, tally.twice,
        tally.crashed, tally.broken);
}

}  // namespace batchd::torture
