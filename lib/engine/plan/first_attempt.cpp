#include "engine/plan/first_attempt.hpp"

#include "engine/attempt_key.hpp"
#include "engine/plan/share_word.hpp"

namespace batchd::engine {

store::Batch first_attempt(const store::Job& job, const Terms& terms, const Shard& shard, TimePoint now) {
    store::Batch batch;
    batch.job_id = job.id;
    batch.shard = shard.number;
    batch.key = attempt_key(job.key, {batch.shard, batch.attempt});
    batch.endpoint = shard.endpoint;
    batch.model = shard.model;
    batch.requests = shard.requests;
    batch.size_bytes = shard.size_bytes;
    batch.estimated_tokens = shard.estimated_tokens;
    batch.created_at = now;
    batch.provider = job.provider;
    batch.priority = terms.priority;
    batch.share = share_word(terms, shard);
    return batch;
}

}  // namespace batchd::engine
