#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/disk/file.hpp"

namespace batchd::spool {

/// Renames, but never over something that is there. Not durable before both directories are synced.
/// Errors: errno; file_exists when `to` is there, cross_device_link.
Result<void> rename_new(const Path& from, const Path& to);

/// The same for a name in an open directory.
Result<void> rename_new_at(int directory, const std::string& name, const Path& to);

/// Copies the open file `from`, from its start, to `to`, which appears whole and durable or not at all, with
/// the mtime of the original; what was at `to` is replaced. At most `size_max` bytes. Errors: errno.
Result<void> copy_durably(int from, const Path& to,
                          std::uint64_t size_max = std::numeric_limits<std::uint64_t>::max());

/// Moves a file so that at every instant, power cuts included, one whole copy is there: by rename, or across
/// file systems by a copy before the original is removed. What was at `to` is replaced. Errors: errno.
Result<void> move_or_copy(const Path& from, const Path& to);

}  // namespace batchd::spool
