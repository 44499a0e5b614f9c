#pragma once

#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "spool/layout.hpp"
#include "store/tables/jobs.hpp"

/// Jobs that send the failed requests of another one again, as the disk knows them: the database may be an
/// old copy, or may have been built again without them. Blocking; for the pool.
namespace batchd::engine {

struct FoundRetry {
    std::string key;
    Path folder;  ///< in work/, or in the outbox
};

/// Those of `job` in work/, by what they were made of, or by `key`, which one of an earlier version may have;
/// and those that were delivered into `outbox` since `job` ended. Errors: errno; what is no job of batchd's
/// is passed over.
Result<std::vector<FoundRetry>> find_retries(const spool::Layout& layout, const Path& outbox,
                                             const store::Job& job, const std::string& key);

}  // namespace batchd::engine
