#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/disk/file.hpp"

namespace batchd::provider::direct {

/// A run's two files: what happened, and the lines of those that have an end.
struct JournalPaths {
    Path journal;
    Path results;
};

/// A row with an end, and where its line stands in the results file.
struct Settled {
    std::uint64_t row = 0;  ///< number of its line in the input
    std::uint64_t offset = 0;
    std::uint64_t size = 0;   ///< without the LF
    bool is_answered = true;  ///< false: it failed for good
};

/// Bytes of the results file that are no row's line: what a torn write left.
struct Gap {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// What a run had come to, as far as its files tell.
struct Replay {
    std::vector<Settled> settled;          ///< in order of rows
    std::vector<std::uint64_t> in_flight;  ///< rows whose answers nobody will ever see, in order
    std::unordered_map<std::uint64_t, std::uint32_t> attempts;  ///< used up, of rows that have no end
    std::uint64_t journal_bytes = 0;                            ///< of whole records, with the head
    std::uint64_t results_bytes = 0;                            ///< up to the end of the last line
    std::vector<Gap> gaps;                                      ///< before that
    std::uint64_t damaged = 0;  ///< records that are not as they were written, or whose lines are not

    bool has_end(std::uint64_t row) const;
    /// How many attempts a row without an end has used up. A crash is no fault of those that were under way:
    /// it costs them none.
    std::uint32_t attempts_used(std::uint64_t row) const;
};

/// Reads both files, every byte of them: a record counts only where its line stands in the results file as it
/// was written. A damaged one takes nothing with it but itself.
/// Errors: errno; corrupt where the journal is none of this version.
Result<Replay> replay_journal(int journal_fd, int results_fd, const JournalPaths& paths);

}  // namespace batchd::provider::direct
