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
    bool named = false;         ///< by a line that can't be read
    bool id_is_number = false;  ///< so the line is not passed on as it is
};

/// Lines of which no row is made, with no line that counts between them.
struct LeftRange {
    std::uint32_t file = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    bool is_stray = false;  ///< they can be read; else they are no rows
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
    /// In the order of the files. Strays are lines with an id that was not sent, or that has another line.
    const std::vector<LeftRange>& left() const { return left_; }

private:
    /// A line that is not blank, whatever is in it.
    void take(const Line& line, std::uint32_t file);
    /// One that is no row: it counts, it is remembered by its place, and a row that it names may not be sent
    /// again.
    void take_unreadable(const Line& line, std::uint32_t file, const BadResult& bad);
    enum class Kind { counts, unreadable, stray };
    /// Where the line stands is remembered.
    void leave(const Line& line, std::uint32_t file, Kind kind);

    const OnCharged& on_charged_;
    std::vector<FoundLine> found_;
    std::vector<LeftRange> left_{};
    Kind last_ = Kind::counts;
    MatchReport report_{};
    IdTable ids_;
    ResultParser parser_{};
};

}  // namespace batchd::jsonl
