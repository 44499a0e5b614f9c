#include "engine/plan/share_word.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/disk/sha256.hpp"

namespace batchd::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t kWordHexDigits = 32;

/// Nothing is saved by putting it together with others, and copying it would cost.
bool is_large(const config::Batch& batch, const Shard& shard) {
    const auto tokens = batch.enqueued_tokens.find(shard.model);
    return shard.requests > batch.max_requests / 2 || shard.size_bytes > batch.max_bytes / 2 ||
           (tokens != batch.enqueued_tokens.end() && shard.estimated_tokens > tokens->second / 2);
}

/// Inputs are limited as requests are, and nobody counts them further on.
bool has_lists_of_inputs(const Shard& shard) {
    return counts_inputs(shard.endpoint) && shard.embedding_inputs != shard.requests;
}

}  // namespace

std::string share_word(const Terms& terms, const Shard& shard) {
    const config::Batch& batch = terms.batch;
    if (!batch.share || is_large(batch, shard) || has_lists_of_inputs(shard)) return {};
    json::object metadata;
    for (const auto& [name, value] : batch.metadata) metadata[name] = value;
    const auto tokens = batch.enqueued_tokens.find(shard.model);
    // What holds for a batch as a whole, or says where its requests go next, has to be the same for all who
    // are in it: a batch is tried again, is late and goes to a fallback as one.
    const json::object all{
        {"endpoint", shard.endpoint},
        {"model", shard.model},
        {"window", batch.completion_window},
        {"metadata", std::move(metadata)},
        {"requests", batch.max_requests},
        {"bytes", batch.max_bytes},
        {"tokens", tokens == batch.enqueued_tokens.end() ? json::value() : json::value(tokens->second)},
        {"attempts", terms.row_attempts},
        {"fallback", terms.fallback ? json::value(terms.fallback->provider) : json::value()},
        {"deadline", terms.fallback && terms.fallback->deadline
                         ? json::value(terms.fallback->deadline->count())
                         : json::value()}};
    // A word is only compared, and each row has one in an index: a digest keeps it short.
    Sha256 hash;
    hash.update(json::serialize(all));
    return hash.hex().substr(0, kWordHexDigits);
}

}  // namespace batchd::engine
