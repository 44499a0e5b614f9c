#pragma once

#include "base/disk/fd.hpp"
#include "provider/direct/journal/replay.hpp"

namespace batchd::provider::direct {

/// A run's files, open at the end of what counts, and what they tell. Both descriptors can be written to;
/// nobody else has them.
struct OpenedJournal {
    JournalPaths paths;
    UniqueFd journal;
    UniqueFd results;
    Replay replay;
};

/// Opens a run's files, or begins them. What a crash left torn is cut off, and what it left between two lines
/// becomes a blank one, so that the results file is lines and nothing else; both are durable then. Blocks.
/// Errors: errno; corrupt for a journal of another version, and for results whose journal is gone: they are
/// paid for, and nobody can tell what they are.
Result<OpenedJournal> open_journal(JournalPaths paths);

/// Writes `bytes` at `offset`, and makes them durable. Doing it again after an error writes the same in the
/// same place: what the system may have dropped from its memory is there again. Blocks. Errors: errno.
Result<void> write_durably(int fd, std::string_view bytes, std::uint64_t offset, const Path& path);

}  // namespace batchd::provider::direct
