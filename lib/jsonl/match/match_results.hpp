#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "jsonl/error_line.hpp"
#include "jsonl/result/result_line.hpp"

namespace batchd::jsonl {

/// The files of one shard attempt.
struct MatchPaths {
    Path prepared;  ///< row file: what was sent
    std::vector<Path>
        results;        ///< what the provider gave: its output and its error file, in any order, or none
    Path succeeded;     ///< row file to write: the provider's answers
    Path failed;        ///< row file to write: error lines
    Path again;         ///< row file to write: prepared lines that go out once more
    Path unreadable{};  ///< file to write: the lines that are no result rows, as they came, and, where a row
                        ///< has no line, those that are no row's; "": nowhere
};

/// What becomes of rows that are worth a retry.
enum class Attempts { left, exhausted };
/// What becomes of rows with `batch_cancelled`: `retry` treats them as other rows worth a retry, `give_up`
/// (somebody asked for the cancel) makes them final.
enum class WhenCancelled { retry, give_up };
/// What becomes of rows whose model or endpoint is not there: `elsewhere` treats them as other rows worth a
/// retry, which goes to another provider.
enum class WithoutModel { give_up, elsewhere };
/// What becomes of rows for which the account could not pay: `as_others` treats them as other rows worth a
/// retry, `again` sends them once more also where no attempts are left.
enum class WithoutMoney { as_others, again };
/// What becomes of rows that have no line in any file.
enum class Unanswered {
    retry,   ///< they never ran: as other rows worth a retry
    lost,    ///< they may have been answered, and paid: final, with `answer_lost`
    give_up  ///< final, with what `missing` says
};

struct MatchOptions {
    Attempts attempts = Attempts::left;
    WhenCancelled when_cancelled = WhenCancelled::retry;
    WithoutModel without_model = WithoutModel::give_up;
    WithoutMoney without_money = WithoutMoney::as_others;
    Unanswered unanswered = Unanswered::retry;
    /// What a final row without a line is told.
    LineError missing{"no_answer", "The provider gave no answer to this request."};
    /// True for rows, by their line number, that do not go out again because their job was cancelled, while
    /// the others do; none where it is empty.
    std::function<bool(std::uint64_t)> is_cancelled{};
    /// What these are told where they have no line.
    LineError cancelled{"batch_cancelled", "The job was cancelled before this request was answered."};
};

/// Counts of rows and lines. Of the texts only a few are kept: a file may be nothing but lines that are
/// wrong.
struct MatchReport {
    // What the files hold; this much is known before anything is decided.
    std::uint64_t rows = 0;                       ///< that were sent
    std::uint64_t ran = 0;                        ///< rows whose line shows that they ran
    std::uint64_t without_model = 0;              ///< rows whose line says that their model is not there
    std::uint64_t without_money = 0;              ///< rows whose line says that the account can't pay
    LineError no_money{};                         ///< what the first of these says
    std::uint64_t faults = 0;                     ///< rows that ran into a fault that passes: 429, 5xx …
    std::uint64_t missing = 0;                    ///< rows without a line that can be read
    std::uint64_t nameless = 0;                   ///< unreadable lines that name no row that was sent
    std::uint64_t repeated = 0;                   ///< lines for a row that had one already
    std::uint64_t unknown = 0;                    ///< lines with an id that was not sent
    std::uint64_t unreadable = 0;                 ///< lines that are no result rows
    std::vector<std::string> unknown_ids{};       ///< the first few, printable and cut to a length for a log
    std::vector<std::string> unreadable_lines{};  ///< what is wrong with the first few, likewise
    // What became of the rows.
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t again = 0;                 ///< succeeded + failed + again is every prepared row
    std::uint64_t lost = 0;                  ///< of the failed ones, those that end with `answer_lost`
    std::vector<std::uint64_t> lost_rows{};  ///< their line numbers
};

/// Called for each line that counts and that was charged, or may have been: an answer, or a line with usage.
/// An answer that goes before a failed line for the same request is charged as well as that.
using OnCharged = std::function<void(const ResultLine&)>;

/// Finds for each request of a shard the line that the provider gave, and then sorts the requests into those
/// that are answered, that have failed and that go out again, in the order of the input.
///
/// Each line is judged by its content, never by its file; of several lines for one row the first counts, but
/// one that succeeded goes before one that did not. Lines are passed on unchanged, but for an id that is a
/// number, which gets the string back that was sent; a final row without a line gets one of ours. A row that
/// an unreadable line names ends with `answer_lost`, where no other line is about it. A file without rows is
/// not there. Can be done again after a crash at any point. Takes about 100 bytes of memory a row, and the
/// longest line. Blocks: for a pool thread.
class ResultMatch {
public:
    /// Reads the files. Errors: errno; corrupt when `prepared` is not as it was written.
    static Result<ResultMatch> read(MatchPaths paths, const OnCharged& on_charged = {});
    ResultMatch();  ///< of nothing yet: to be assigned to
    ResultMatch(ResultMatch&&) noexcept;
    ResultMatch& operator=(ResultMatch&&) noexcept;
    ~ResultMatch();

    const MatchReport& found() const;
    /// Writes what becomes of each row. Errors: likewise.
    Result<MatchReport> sort(const MatchOptions& options);

private:
    struct Impl;
    explicit ResultMatch(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Both at once, where nothing is left to decide in between.
Result<MatchReport> match_results(const MatchPaths& paths, const MatchOptions& options);

}  // namespace batchd::jsonl
