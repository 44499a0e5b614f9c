#include "jsonl/match/match_results.hpp"

#include <algorithm>
#include <optional>

#include "jsonl/match/error_row.hpp"
#include "jsonl/match/result_finder.hpp"
#include "jsonl/request/request_line.hpp"
#include "jsonl/rows/format/read_ahead.hpp"
#include "jsonl/rows/row_output.hpp"
#include "jsonl/wire_id.hpp"

namespace batchd::jsonl {
namespace {

const LineError kLost{"answer_lost",
                      "The answer to this request can't be read or is not there, though it may have been "
                      "given and paid for. It is not sent again by itself; `batchd retry` does that."};

constexpr std::uint64_t kPieceBytes = 1024 * 1024;

// What becomes of a request: an answer, an error, an error that says that it may have been paid for, or
// another try.
enum class Fate { succeeded, failed, lost, again };

Fate once_more(const FoundLine& found, const MatchOptions& options) {
    // A line that can't be read may be its answer.
    if (found.named) return Fate::lost;
    return options.attempts == Attempts::left ? Fate::again : Fate::failed;
}

Fate decide(const FoundLine& found, const MatchOptions& options) {
    if (!found.there) {
        if (options.unanswered == Unanswered::retry) return once_more(found, options);
        // Without a line nobody knows whether it ran. Only where the provider says that it did not is it a
        // plain error.
        return found.named || options.unanswered == Unanswered::lost ? Fate::lost : Fate::failed;
    }
    // No default: a verdict that is added later must be decided about here, and the compiler says so.
    switch (found.verdict) {
        case Verdict::succeeded:
            return Fate::succeeded;
        case Verdict::retry:
            return once_more(found, options);
        case Verdict::cancelled:
            return options.when_cancelled == WhenCancelled::retry ? once_more(found, options) : Fate::failed;
        case Verdict::no_model:
            return options.without_model == WithoutModel::elsewhere ? once_more(found, options)
                                                                    : Fate::failed;
        case Verdict::no_money:
            if (options.without_money == WithoutMoney::again && !found.named) return Fate::again;
            return once_more(found, options);
        case Verdict::failed:
            break;
    }
    // Nothing more to be done: it stands in errors.jsonl with what the provider said.
    return Fate::failed;
}

/// The second pass: says of each row, in their order, where what became of it stands.
class Sorter {
public:
    static Result<Sorter> open(const MatchPaths& paths) {
        auto prepared = RowFileReader::open(paths.prepared);
        if (!prepared) return prepared.error();
        return Sorter(paths, std::move(*prepared));
    }

    /// Of the next row.
    Result<void> put(const RowRef& row, const FoundLine& found, Fate fate, const LineError& missing) {
        // What goes out again is what was sent, byte for byte.
        if (fate == Fate::again) return gone_on(again_.append_next_of(prepared_));
        if (fate == Fate::lost) lost_.push_back(row.line_number);
        RowOutput& output = fate == Fate::succeeded ? succeeded_ : failed_;
        if (!found.there || fate == Fate::lost)
            return gone_on(append_error_of_next(prepared_, fate == Fate::lost ? kLost : missing, output));
        if (found.id_is_number) return put_under_its_id(row, found, output);
        if (auto put = append_as_it_is(row, found, output); !put) return put;
        return gone_on(prepared_.skip());
    }

    Result<void> commit(MatchReport& report) {
        report.succeeded = succeeded_.count();
        report.failed = failed_.count();
        report.again = again_.count();
        report.lost = lost_.size();
        report.lost_rows = std::move(lost_);
        // A crash between two of these leaves files of this look, which the next one writes anew from the
        // start.
        if (auto committed = succeeded_.commit(); !committed) return committed.error();
        if (auto committed = failed_.commit(); !committed) return committed.error();
        return again_.commit();
    }

private:
    Sorter(const MatchPaths& paths, RowFileReader prepared)
        : prepared_(std::move(prepared)),
          succeeded_(paths.succeeded),
          failed_(paths.failed),
          again_(paths.again),
          results_(paths.results) {
        for (const Path& path : paths.results) names_.push_back(path.filename().string());
    }

    Result<void> append_as_it_is(const RowRef& row, const FoundLine& found, RowOutput& output) const {
        const RowPlace place{names_[found.file], found.offset, found.size, found.checksum};
        return output.append_from(row.line_number, row.id, place);
    }

    /// Programs that read the answers look for the id that they gave, which was a string.
    Result<void> put_under_its_id(const RowRef& row, const FoundLine& found, RowOutput& output) {
        Row sent;
        const auto read = prepared_.next(sent);
        if (!read && !is_source_lost(read.error())) return read.error();
        const auto id = read && *read ? id_of_prepared(sent.text) : std::nullopt;
        const auto line = line_of(found);
        if (!line) return line.error();
        std::string text;
        const bool is_made = id && append_with_id(*line, *id, text);
        if (auto put =
                is_made ? output.append(row.line_number, row.id, text) : append_as_it_is(row, found, output);
            !put)
            return put;
        return read ? gone_on(read) : gone_on(prepared_.skip());
    }
    Result<std::string_view> line_of(const FoundLine& found) {
        const Path& path = results_[found.file];
        if (!source_ || source_->path() != path) source_.emplace(path, kPieceBytes);
        return source_->at(found.offset, found.size);
    }

    Result<void> gone_on(const Result<bool>& more) const {
        if (!more) return more.error();
        if (*more) return {};
        // The index said how many there are, and it was written with them.
        return error(Errc::corrupt, prepared_.path().string() + " has fewer rows than it had");
    }

    RowFileReader prepared_;
    std::vector<std::string> names_{};
    RowOutput succeeded_, failed_, again_;
    std::vector<Path> results_;
    std::optional<ReadAhead> source_{};  // the one of these that was read last
    std::vector<std::uint64_t> lost_{};
};

/// Piece by piece: one line may be longer than memory.
Result<void> copy_range(ReadAhead& from, const LeftRange& range, FileWriter& to) {
    for (std::uint64_t done = 0; done < range.size;) {
        const std::uint64_t piece = std::min(kPieceBytes, range.size - done);
        const auto text = from.at(range.offset + done, piece);
        if (!text) return text.error();
        if (auto appended = to.append(*text); !appended) return appended;
        done += piece;
    }
    return to.append("\n");
}

/// Strays only where a row has no answer: it may have come under another id.
Result<void> write_unreadable(const MatchPaths& paths, std::vector<LeftRange> ranges, bool has_unanswered) {
    // Who names no file for them has no use for lines that can't be read.
    if (paths.unreadable.empty()) return {};
    if (!has_unanswered) std::erase_if(ranges, [](const LeftRange& range) { return range.is_stray; });
    if (ranges.empty()) return remove_file(paths.unreadable);  // of an earlier look
    auto writer = FileWriter::create(paths.unreadable);
    if (!writer) return writer.error();
    std::optional<ReadAhead> source;
    for (const LeftRange& range : ranges) {
        const Path& path = paths.results[range.file];
        if (!source || source->path() != path) source.emplace(path, kPieceBytes);
        if (auto copied = copy_range(*source, range, *writer); !copied) return copied;
    }
    return writer->commit();
}

}  // namespace

struct ResultMatch::Impl {
    MatchPaths paths;
    RowIndex index;
    std::vector<FoundLine> lines;
    // As places in the results, which are copied only when somebody wants them.
    std::vector<LeftRange> left;
    MatchReport report;
};

ResultMatch::ResultMatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResultMatch::ResultMatch() = default;
ResultMatch::ResultMatch(ResultMatch&&) noexcept = default;
ResultMatch& ResultMatch::operator=(ResultMatch&&) noexcept = default;
ResultMatch::~ResultMatch() = default;

Result<ResultMatch> ResultMatch::read(MatchPaths paths, const OnCharged& on_charged) {
    // The index alone: what was sent need not be in memory to be found.
    auto index = RowIndex::load(paths.prepared);
    if (!index) return index.error();
    ResultFinder finder(index->rows(), on_charged);
    for (std::size_t file = 0; file < paths.results.size(); ++file) {
        if (auto read = finder.read(paths.results[file], static_cast<std::uint32_t>(file)); !read)
            return read.error();
    }
    const MatchReport report = finder.report();
    auto impl = std::make_unique<Impl>(
        Impl{std::move(paths), std::move(*index), finder.lines(), finder.left(), report});
    return ResultMatch(std::move(impl));
}

const MatchReport& ResultMatch::found() const {
    return impl_->report;
}

/// For the rows of a job that was cancelled, while others share its batch.
static MatchOptions without_another_try(const MatchOptions& options) {
    MatchOptions cancelled = options;
    cancelled.attempts = Attempts::exhausted;
    cancelled.without_money = WithoutMoney::as_others;
    // What the provider cancelled of them was cancelled on purpose.
    cancelled.when_cancelled = WhenCancelled::give_up;
    cancelled.missing = options.cancelled;
    return cancelled;
}

Result<MatchReport> ResultMatch::sort(const MatchOptions& options) {
    const MatchOptions of_cancelled = without_another_try(options);
    auto sorter = Sorter::open(impl_->paths);
    if (!sorter) return sorter.error();
    // In the order of the prepared file, so that the outputs are in the order of the input without being
    // sorted.
    for (std::size_t row = 0; row < impl_->lines.size(); ++row) {
        const FoundLine& line = impl_->lines[row];
        const RowRef& ref = impl_->index.rows()[row];
        const bool is_cancelled = options.is_cancelled && options.is_cancelled(ref.line_number);
        const MatchOptions& its = is_cancelled ? of_cancelled : options;
        if (auto put = sorter->put(ref, line, decide(line, its), its.missing); !put) return put.error();
    }
    MatchReport report = impl_->report;
    if (auto committed = sorter->commit(report); !committed) return committed.error();
    const bool has_unanswered = report.missing + report.lost > 0;
    if (auto written = write_unreadable(impl_->paths, impl_->left, has_unanswered); !written)
        return written.error();
    return report;
}

Result<MatchReport> match_results(const MatchPaths& paths, const MatchOptions& options) {
    auto match = ResultMatch::read(paths);
    if (!match) return match.error();
    return match->sort(options);
}

}  // namespace batchd::jsonl
