#pragma once

#include <string>

#include "base/disk/file.hpp"
#include "spool/layout.hpp"

/// Whom the next attempt of a shard is for. It is decided once, and stands in work/ before the attempt's
/// lines do: where the database is lost, the same requests go the same way again, and are found there.
namespace batchd::engine {

enum class NextProvider { same, fallback };

/// What was decided before, else `wish`, which is on disk when it returns. Blocks. Errors: errno.
Result<NextProvider> decide_next_provider(const spool::Layout& layout, const std::string& job_key,
                                          const spool::ShardAttempt& next, NextProvider wish,
                                          const std::string& fallback);

}  // namespace batchd::engine
