#pragma once

#include <cstdint>
#include <string>

namespace batchd::engine {

/// One shard of a plan: the part of a job that goes out as one batch.
struct Shard {
    std::uint64_t number = 0;  ///< 1, 2, … in the job
    std::string endpoint;
    std::string model;
    std::uint64_t requests = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t embedding_inputs = 0;
    std::uint64_t estimated_tokens = 0;
};

}  // namespace batchd::engine
