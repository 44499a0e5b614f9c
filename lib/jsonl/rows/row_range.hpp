#pragma once

#include <cstdint>
#include <vector>

#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {

/// Where the rows with the numbers `first` to `last` stand in the row file, in their order; what else is in
/// it is not read, but for a few steps to find them. Blocking. Errors: errno; corrupt when the index is not
/// as it was written.
Result<std::vector<RowRef>> find_rows(const Path& path, std::uint64_t first, std::uint64_t last);

}  // namespace batchd::jsonl
