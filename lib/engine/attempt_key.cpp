#include "engine/attempt_key.hpp"

#include "base/disk/sha256.hpp"

namespace batchd::engine {

namespace {

/// The first 128 bits of a digest in the form of a UUID.
std::string as_uuid(std::string hex) {
    hex[12] = '8';  // the version, and below the variant
    hex[16] = 'a';
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) +
           '-' + hex.substr(20, 12);
}

}  // namespace

/// What is hashed looks different for each kind of key, so that no two kinds come to the same one; and it
/// never changes, for what is at the provider is known by it.
std::string attempt_key(std::string_view job_key, const spool::ShardAttempt& attempt) {
    Sha256 hash;
    hash.update(job_key);
    hash.update("/shard-" + std::to_string(attempt.shard) + ".attempt-" + std::to_string(attempt.attempt));
    return as_uuid(hash.hex());
}

std::string retry_key(std::string_view job_key, std::int64_t command) {
    Sha256 hash;
    hash.update(job_key);
    hash.update("/retry-" + std::to_string(command));
    return as_uuid(hash.hex());
}

bool is_made_key(std::string_view job_key) {
    constexpr std::size_t kVersionAt = 14;
    return job_key.size() > kVersionAt && job_key[kVersionAt] == '8';
}

void BundleKey::add(std::string_view job_key, std::uint64_t requests) {
    members_ += std::string(job_key) + "/" + std::to_string(requests) + "\n";
}

std::string BundleKey::get(unsigned number) const {
    Sha256 hash;
    hash.update("bundle-" + std::to_string(number) + "\n" + members_);
    return as_uuid(hash.hex());
}

}  // namespace batchd::engine
