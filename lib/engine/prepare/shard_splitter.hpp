#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard.hpp"

namespace batchd::engine {

/// Whether a request to this endpoint may have a list of inputs, of which a batch has a limit of its own.
bool counts_inputs(std::string_view endpoint);

/// What a batch may hold at most.
struct ShardLimits {
    std::uint64_t requests = 50'000;
    std::uint64_t size_bytes = 200'000'000;
    std::uint64_t embedding_inputs = 50'000;
    std::map<std::string, std::uint64_t>
        tokens{};               ///< by model: a batch above the enqueued-token limit would never run
    std::size_t open_max = 16;  ///< shards that grow at the same time: each is an open file
};

/// One request, as far as the split is concerned.
struct Portion {
    std::string_view endpoint;
    std::string_view model;
    std::uint64_t size_bytes = 0;  ///< of its line, with the line end
    std::uint64_t inputs = 1;
    std::uint64_t estimated_tokens = 0;
};

/// Splits a file into shards by the provider's rules: one endpoint and one model each, and never above a
/// limit. Requests of one kind stay in the order in which they come. Pure: it says where each goes, and moves
/// nothing.
class ShardSplitter {
public:
    explicit ShardSplitter(ShardLimits limits) : limits_(std::move(limits)) {}

    struct Placement {
        Shard* shard = nullptr;     ///< where the request goes; valid until the next call
        std::vector<Shard> closed;  ///< complete now; the caller closes their files
    };
    /// A request that is above a limit on its own gets a shard of its own: the provider will say what it
    /// thinks of it.
    Placement place(const Portion& portion);

    /// The shards that are still open, by number.
    std::vector<Shard> finish();

private:
    /// What all requests of a batch have in common, by the rules of providers.
    using Kind = std::pair<std::string, std::string>;  // endpoint, model
    struct Less {                                      // finds a Kind without making one for every line
        using is_transparent = void;
        template <class A, class B>
        bool operator()(const A& a, const B& b) const {
            return a.first != b.first ? a.first < b.first : a.second < b.second;
        }
    };
    /// Never asked of an empty shard: what is too large by itself has one of its own.
    bool fits(const Shard& shard, const Portion& portion) const;

    ShardLimits limits_;
    std::map<Kind, Shard, Less> open_;
    std::uint64_t count_ = 0;
};

}  // namespace batchd::engine
