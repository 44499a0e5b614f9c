#pragma once

#include "base/disk/file.hpp"

namespace batchd::jsonl {

/// The rows of `from` once more as `to`: by where they stand where that is in the same folder, and else with
/// their texts. Can be done again after a crash at any point. Blocks: for a pool thread. Errors: errno;
/// corrupt when `from` is not as it was written; changed when what its rows stand in is no longer what it
/// was.
Result<void> copy_rows(const Path& from, const Path& to);

}  // namespace batchd::jsonl
