#include "jsonl/match_results.hpp"

#include <span>

#include <fcntl.h>

#include "jsonl/error_line.hpp"
#include "jsonl/id_table.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request_line.hpp"
#include "jsonl/result_line.hpp"
#include "jsonl/row_output.hpp"
#include "jsonl/row_source.hpp"

namespace batchd::jsonl {
namespace {

constexpr std::size_t kLineBytesMax = 512ULL * 1024 * 1024;
constexpr std::size_t kExamplesMax = 5;

/// The line that counts for a row.
struct Found {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t file = 0;
    Verdict verdict = Verdict::failed;
    bool there = false;
};

void add_example(std::vector<std::string>& examples, std::string text) {
    if (examples.size() < kExamplesMax) examples.push_back(std::move(text));
}

/// The first pass: finds the line of each row.
class Finder {
public:
    Finder(std::span<const RowRef> rows, std::vector<Found>& found, MatchReport& report)
        : found_(found), report_(report), ids_(rows.size()) {
        for (std::size_t row = 0; row < rows.size(); ++row) ids_.insert(rows[row].id, row);
    }

    Result<void> read(const Path& path, std::uint32_t file) {
        const auto fd = open_file(path, O_RDONLY);
        if (!fd) return fd.error();
        LineReader reader(fd->get(), kLineBytesMax);
        for (Line line;;) {
            const auto more = reader.next(line);
            if (!more) return within(path.string(), more.error());
            if (!*more) return {};
            if (line.too_long || !is_blank(line.text)) take(line, file);
        }
    }

private:
    void take(const Line& line, std::uint32_t file) {
        const auto row = parser_.parse(line);
        if (!row) {
            ++report_.unreadable;
            add_example(report_.unreadable_lines,
                        "line " + std::to_string(line.number) + ": " + row.error().what);
            return;
        }
        const auto at = ids_.find(digest128(row->custom_id));
        if (!at) {
            ++report_.unknown;
            add_example(report_.unknown_ids, excerpt(row->custom_id));
            return;
        }
        Found& found = found_[*at];
        const bool better = row->verdict == Verdict::succeeded && found.verdict != Verdict::succeeded;
        if (found.there) ++report_.repeated;
        if (found.there && !better) return;
        found = {line.offset, line.size, file, row->verdict, true};
        if (row->verdict != Verdict::succeeded) return;
        report_.input_tokens += row->input_tokens;
        report_.output_tokens += row->output_tokens;
    }

    std::vector<Found>& found_;
    MatchReport& report_;
    IdTable ids_;
    ResultParser parser_;
};

enum class Fate { succeeded, failed, again };

Fate decide(const Found& found, const MatchOptions& options) {
    const Fate once_more = options.attempts == Attempts::left ? Fate::again : Fate::failed;
    if (!found.there) return once_more;
    switch (found.verdict) {
        case Verdict::succeeded:
            return Fate::succeeded;
        case Verdict::retry:
            return once_more;
        case Verdict::cancelled:
            return options.when_cancelled == WhenCancelled::retry ? once_more : Fate::failed;
        case Verdict::failed:
            break;
    }
    return Fate::failed;
}

/// The second pass: copies the rows, in their order, to where they belong.
class Sorter {
public:
    static Result<Sorter> open(const MatchPaths& paths, const LineError& missing) {
        auto prepared = RowSource::open(paths.prepared);
        if (!prepared) return prepared.error();
        Sorter sorter(paths, std::move(*prepared), missing);
        for (const Path& path : paths.results) {
            auto result = RowSource::open(path);
            if (!result) return result.error();
            sorter.results_.push_back(std::move(*result));
        }
        return sorter;
    }

    Result<void> put(const RowRef& row, const Found& found, Fate fate) {
        if (fate == Fate::again) return put_text(again_, row, prepared_.text_at(row.offset, row.size));
        RowOutput& output = fate == Fate::succeeded ? succeeded_ : failed_;
        if (found.there) return put_text(output, row, results_[found.file].text_at(found.offset, found.size));
        const auto sent = prepared_.text_at(row.offset, row.size);
        if (!sent) return sent.error();
        return output.append(row.line_number, row.id, error_line(prepared_custom_id(*sent), missing_));
    }

    Result<void> commit(MatchReport& report) {
        report.succeeded = succeeded_.count();
        report.failed = failed_.count();
        report.again = again_.count();
        if (auto committed = succeeded_.commit(); !committed) return committed.error();
        if (auto committed = failed_.commit(); !committed) return committed.error();
        return again_.commit();
    }

private:
    Sorter(const MatchPaths& paths, RowSource prepared, const LineError& missing)
        : missing_(missing),
          prepared_(std::move(prepared)),
          succeeded_(paths.succeeded),
          failed_(paths.failed),
          again_(paths.again) {}

    static Result<void> put_text(RowOutput& output, const RowRef& row, const Result<std::string_view>& text) {
        if (!text) return text.error();
        return output.append(row.line_number, row.id, *text);
    }

    const LineError& missing_;
    RowSource prepared_;
    std::vector<RowSource> results_;
    RowOutput succeeded_, failed_, again_;
};

Result<std::vector<Found>> find_lines(const MatchPaths& paths, std::span<const RowRef> rows,
                                      MatchReport& report) {
    std::vector<Found> found(rows.size());
    Finder finder(rows, found, report);
    for (std::size_t file = 0; file < paths.results.size(); ++file) {
        if (auto read = finder.read(paths.results[file], static_cast<std::uint32_t>(file)); !read)
            return read.error();
    }
    return found;
}

}  // namespace

Result<MatchReport> match_results(const MatchPaths& paths, const MatchOptions& options) {
    const auto index = RowIndex::load(paths.prepared);
    if (!index) return index.error();
    MatchReport report;
    const auto found = find_lines(paths, index->rows(), report);
    if (!found) return found.error();

    auto sorter = Sorter::open(paths, options.missing);
    if (!sorter) return sorter.error();
    for (std::size_t row = 0; row < found->size(); ++row) {
        const Found& line = (*found)[row];
        if (!line.there) ++report.missing;
        if (auto put = sorter->put(index->rows()[row], line, decide(line, options)); !put) return put.error();
    }
    if (auto committed = sorter->commit(report); !committed) return committed.error();
    return report;
}

}  // namespace batchd::jsonl
