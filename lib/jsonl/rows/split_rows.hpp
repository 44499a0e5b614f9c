#pragma once

#include <cstdint>
#include <vector>

#include "base/disk/file.hpp"

namespace batchd::jsonl {

/// The beginning or continuation of a row file that is cut into several.
struct RowPart {
    Path path;               ///< row file to write
    std::uint64_t rows = 0;  ///< how many it takes
};

/// Cuts the row file `from` into `parts`, in order; their numbers add up to its own. Line numbers stay. Can
/// be done again after a crash at any point. Blocks: for a pool thread. Errors: errno; corrupt when `from` is
/// not as it was written, or has another number of rows.
Result<void> split_rows(const Path& from, const std::vector<RowPart>& parts);

}  // namespace batchd::jsonl
