#include "engine/prepare/shard_splitter.hpp"

#include <algorithm>

namespace batchd::engine {

bool counts_inputs(std::string_view endpoint) {
    // By its end: services with urls of their own have it under another version.
    return endpoint.ends_with("/embeddings");
}

bool ShardSplitter::fits(const Shard& shard, const Portion& portion) const {
    if (shard.requests + 1 > limits_.requests) return false;
    if (shard.size_bytes + portion.size_bytes > limits_.size_bytes) return false;
    if (counts_inputs(shard.endpoint) && shard.embedding_inputs + portion.inputs > limits_.embedding_inputs)
        return false;
    const auto tokens = limits_.tokens.find(shard.model);
    return tokens == limits_.tokens.end() ||
           shard.estimated_tokens + portion.estimated_tokens <= tokens->second;
}

ShardSplitter::Placement ShardSplitter::place(const Portion& portion) {
    Placement placement;
    const auto close = [&](auto position) {
        placement.closed.push_back(std::move(position->second));
        open_.erase(position);
    };
    const std::pair<std::string_view, std::string_view> wanted(portion.endpoint, portion.model);
    auto found = open_.find(wanted);
    if (found != open_.end() && !fits(found->second, portion)) {
        close(found);
        found = open_.end();
    }
    if (found == open_.end()) {
        // Each is an open file and a buffer, and a file may name a thousand models.
        if (open_.size() >= limits_.open_max)
            close(std::min_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) {
                return a.second.number < b.second.number;
            }));
        Shard fresh;
        fresh.number = ++count_;
        fresh.endpoint = portion.endpoint;
        fresh.model = portion.model;
        found = open_.emplace(Kind(portion.endpoint, portion.model), std::move(fresh)).first;
    }
    Shard& shard = found->second;
    shard.requests += 1;
    shard.size_bytes += portion.size_bytes;
    shard.embedding_inputs += portion.inputs;
    shard.estimated_tokens += portion.estimated_tokens;
    placement.shard = &shard;
    return placement;
}

std::vector<Shard> ShardSplitter::finish() {
    std::vector<Shard> shards;
    for (auto& [kind, shard] : open_) shards.push_back(std::move(shard));
    open_.clear();
    std::sort(shards.begin(), shards.end(),
              [](const Shard& a, const Shard& b) { return a.number < b.number; });
    return shards;
}

}  // namespace batchd::engine
