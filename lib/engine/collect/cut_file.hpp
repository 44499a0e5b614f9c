#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/disk/file.hpp"
#include "spool/layout.hpp"

/// Into what an attempt was cut that is too large for the tokens that may be enqueued. It is written before
/// anything else of the cut: a crash, and a database that is built again, come to the same parts under the
/// same marks. lib/FORMATS.md has its keys. Blocking; for the pool.
namespace batchd::engine {

/// A part: the attempt under whose mark it is sent, and how many of the rows it takes, in their order.
struct CutPart {
    spool::ShardAttempt attempt;
    std::uint64_t requests = 0;

    friend bool operator==(const CutPart&, const CutPart&) = default;
};

/// Durable when it returns. Errors: errno.
Result<void> write_cut_file(const Path& path, const std::vector<CutPart>& parts);

/// Nothing when there is no such file. Errors: errno; corrupt when it is not as it was written.
Result<std::optional<std::vector<CutPart>>> read_cut_file(const Path& path);

/// The highest number of a shard that the job's folder shows, in its cut files or by the lines of a part
/// whose cut came to nothing; 0 where there are none. Errors: as read_cut_file().
Result<std::uint64_t> last_shard_in_work(const spool::Layout& layout, const std::string& job_key);

}  // namespace batchd::engine
