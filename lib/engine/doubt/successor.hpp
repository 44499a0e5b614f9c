#pragma once

#include <string>

#include "base/result.hpp"
#include "spool/layout.hpp"

namespace batchd::engine {

/// What work/ shows to have become of an attempt. It is made by the collector only, once the attempt has
/// ended: where the database takes such an attempt for one that is still to be sent, it was lost or is an old
/// copy, and the requests may have been answered, and paid, under the mark of another attempt.
enum class Successor {
    none,      ///< nothing, as far as anybody can tell
    cut,       ///< it was cut into parts
    fallback,  ///< the next attempt is for the fallback of its queue
    same       ///< the next attempt is for the same provider
};

/// Reads a few names and no file. Errors: errno.
Result<Successor> successor_of(const spool::Layout& layout, const std::string& job_key,
                               const spool::ShardAttempt& attempt);

}  // namespace batchd::engine
