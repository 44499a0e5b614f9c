#pragma once

#include <cstdint>
#include <map>

#include "base/disk/file.hpp"
#include "jsonl/error_line.hpp"

namespace batchd::jsonl {

/// The files of a shard that the provider's validation refused.
struct RefusedPaths {
    Path prepared;  ///< row file: what was sent
    Path failed;    ///< row file to write: an error line for each refused row
    Path again;     ///< row file to write: the other prepared lines
};

struct RefusedReport {
    std::uint64_t failed = 0;
    std::uint64_t again = 0;
    std::uint64_t unknown = 0;  ///< errors for lines that the shard has not
};

/// Takes the refused rows out of a shard. `errors` is keyed by the line of the prepared file, 1-based, which
/// is what the provider counts. A file without rows is not there. Can be done again after a crash at any
/// point. Blocks: for a pool thread. Errors: errno; corrupt when `prepared` is not as it was written.
Result<RefusedReport> split_refused(const RefusedPaths& paths,
                                    const std::map<std::uint64_t, LineError>& errors);

}  // namespace batchd::jsonl
