#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "jsonl/error_line.hpp"

namespace batchd::jsonl {

/// The files of one shard attempt.
struct MatchPaths {
    Path prepared;  ///< row file: what was sent
    std::vector<Path>
        results;     ///< what the provider gave: its output and its error file, in any order, or none
    Path succeeded;  ///< row file to write: the provider's answers
    Path failed;     ///< row file to write: error lines
    Path again;      ///< row file to write: prepared lines that go out once more
};

/// What becomes of rows that are worth a retry, or have no line in any file.
enum class Attempts { left, exhausted };
/// What becomes of rows with `batch_cancelled`: `retry` treats them as other rows worth a retry, `give_up`
/// (somebody asked for the cancel) makes them final.
enum class WhenCancelled { retry, give_up };

struct MatchOptions {
    Attempts attempts = Attempts::left;
    WhenCancelled when_cancelled = WhenCancelled::retry;
    /// What a final row without a line is told.
    LineError missing{"no_answer", "The provider gave no answer to this request."};
};

struct MatchReport {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t again = 0;    ///< succeeded + failed + again is every prepared row
    std::uint64_t missing = 0;  ///< rows without a line in any file; they count among failed or again as well
    std::uint64_t repeated = 0;                   ///< lines for a row that had one already
    std::uint64_t unknown = 0;                    ///< lines with an id that was not sent
    std::uint64_t unreadable = 0;                 ///< lines that are no result rows
    std::uint64_t input_tokens = 0;               ///< of the succeeded rows
    std::uint64_t output_tokens = 0;              ///< likewise
    std::vector<std::string> unknown_ids{};       ///< the first few, printable and cut to a length for a log
    std::vector<std::string> unreadable_lines{};  ///< what is wrong with the first few, likewise
};

/// Sorts what the provider gave for a shard into rows in the order of the input. Each line is judged by its
/// content, never by its file; of several lines for one row the first counts, but one that succeeded goes
/// before one that did not. Lines are passed on unchanged; a final row without a line gets one of ours,
/// `missing`. A file without rows is not there. Can be done again after a crash at any point. Takes about
/// 100 bytes of memory a row, and the longest line. Blocks: for a pool thread. Errors: errno; corrupt when
/// `prepared` is not as it was written.
Result<MatchReport> match_results(const MatchPaths& paths, const MatchOptions& options);

}  // namespace batchd::jsonl
