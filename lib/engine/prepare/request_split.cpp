#include "engine/prepare/request_split.hpp"

namespace batchd::engine {
namespace {

ShardLimits limits_of(const config::Batch& batch) {
    ShardLimits limits;
    limits.requests = batch.max_requests;
    limits.size_bytes = batch.max_bytes;
    limits.tokens = batch.enqueued_tokens;
    return limits;
}

}  // namespace

RequestSplit::RequestSplit(const Terms& terms) : splitter_(limits_of(terms.batch)) {}

ShardSplitter::Placement RequestSplit::place(const ScannedRequest& scanned) {
    return splitter_.place({.endpoint = scanned.request.url,
                            .model = scanned.request.model,
                            .size_bytes = scanned.size_bytes,
                            .inputs = scanned.request.inputs,
                            .estimated_tokens = scanned.request.estimated_tokens});
}

}  // namespace batchd::engine
