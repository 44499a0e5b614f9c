#include "engine/attempt_key.hpp"

#include "base/sha256.hpp"

namespace batchd::engine {

std::string attempt_key(std::string_view job_key, const spool::ShardAttempt& attempt) {
    Sha256 hash;
    hash.update(job_key);
    hash.update("/shard-" + std::to_string(attempt.shard) + ".attempt-" + std::to_string(attempt.attempt));
    std::string hex = hash.hex();
    hex[12] = '8';  // the version, and below the variant
    hex[16] = 'a';
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) +
           '-' + hex.substr(20, 12);
}

}  // namespace batchd::engine
