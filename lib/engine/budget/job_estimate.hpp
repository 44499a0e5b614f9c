#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "engine/shard.hpp"
#include "money/budget/estimate.hpp"
#include "money/price/price_book.hpp"

/// What a job is expected to cost before it is sent. Pure.
namespace batchd::engine {

/// How much is asked of one model.
struct Asked {
    std::string model;
    std::uint64_t requests = 0;
    std::uint64_t tokens = 0;  ///< of the bodies, estimated

    friend bool operator==(const Asked&, const Asked&) = default;
};

/// By model, in the order of the models' names. Shards of the same model are added up.
std::vector<Asked> asked_of(const std::vector<Shard>& shards);
/// For jobs.asks: one line of JSON.
std::string to_json(const std::vector<Asked>& asked);
/// Nothing of what to_json() has not written. Never an error: an estimate that can't be read is one that is
/// not known.
std::vector<Asked> read_asked(const std::string& json);

/// By what the queue's answers have taught. Nothing where the price of one of the models is unknown, or
/// nothing is known of the job.
std::optional<money::NanoDollars> estimated_cost(const std::vector<Asked>& asked,
                                                 const config::Provider& provider,
                                                 const money::PriceBook& prices,
                                                 const money::TokenHistory& history);

}  // namespace batchd::engine
