#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/disk/file.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/match/match_results.hpp"
#include "jsonl/request/id_table.hpp"
#include "jsonl/result/result_line.hpp"
#include "jsonl/rows/row_file.hpp"

/// The first pass of match_results.hpp.
namespace batchd::jsonl {

/// The line that counts for a row.
struct FoundLine {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t checksum = 0;
    std::uint32_t file = 0;
    Verdict verdict = Verdict::failed;
    bool there = false;
    bool ran = false;
    bool named = false;  ///< by a line that can't be read
};

/// Lines that are no rows, with nothing readable between them.
struct UnreadableRange {
    std::uint32_t file = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// Reads result files, and remembers where the line of each row stands.
class ResultFinder {
public:
    /// Both must outlive it.
    ResultFinder(std::span<const RowRef> rows, const OnCharged& on_charged);

    /// The `file`-th of the result files. Errors: errno.
    Result<void> read(const Path& path, std::uint32_t file);
    /// What was found, once all files are read.
    MatchReport report() const;
    const std::vector<FoundLine>& lines() const { return found_; }
    const std::vector<UnreadableRange>& unreadable() const { return unreadable_; }

private:
    /// A line that is not blank, whatever is in it.
    void take(const Line& line, std::uint32_t file);
    /// One that is no row: it counts, it is remembered by its place, and a row that it names may not be sent
    /// again.
    void take_unreadable(const Line& line, std::uint32_t file, const BadResult& bad);

    const OnCharged& on_charged_;
    std::vector<FoundLine> found_;
    std::vector<UnreadableRange> unreadable_{};
    bool last_was_unreadable_ = false;
    MatchReport report_{};
    IdTable ids_;
    ResultParser parser_{};
};

}  // namespace batchd::jsonl
