#pragma once

#include <cstdint>

#include "provider/direct/journal/replay.hpp"

namespace batchd::provider::direct {

/// Copies the lines of the rows that have an end by now to `to`, durably, while the run may go on: of what
/// comes later, nothing. A run that has not begun has none. Blocks. Answers the size in bytes.
/// Errors: as replay_journal().
Result<std::uint64_t> copy_settled_lines(const JournalPaths& paths, const Path& to);

}  // namespace batchd::provider::direct
