#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/disk/file.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {

struct MergeLimits {
    Path scratch;                  ///< a directory for files in between, which are removed again
    std::size_t pieces_max = 100;  ///< open at once, at two to four descriptors each; at least 2
    std::size_t memory_bytes = 8 * 1024 * 1024;  ///< of all buffers; one long row comes on top
};

struct MergeCounts {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;  ///< of the texts, with an LF each
};

/// Gives the rows of all `pieces` to `sink`, in the order of their line numbers, and ends where sink returns
/// an error. Errors: of sink; errno; corrupt when a piece is not as it was written, or when two have the same
/// line, which is named.
Result<MergeCounts> merge_rows(std::vector<Path> pieces, const std::function<Result<void>(const Row&)>& sink,
                               const MergeLimits& limits);

}  // namespace batchd::jsonl
