#include "jsonl/match/result_finder.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>

#include "base/disk/checksum.hpp"
#include "base/disk/sha256.hpp"
#include "base/log.hpp"
#include "base/text/byte_order_mark.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request/broken_line.hpp"

namespace batchd::jsonl {
namespace {

// An answer with images in it may have hundreds of megabytes; what is longer is no answer to a request.
constexpr std::size_t kLineBytesMax = 512ULL * 1024 * 1024;
// For a person who looks into it; the counts are of all.
constexpr std::size_t kExamplesMax = 5;
/// Of what one row says, for people, before a key is taken out of it.
constexpr std::size_t kSaidBytesMax = 8 * 1024;
/// Places of lines that are remembered one by one.
constexpr std::size_t kStraysMax = 100'000;

void add_example(std::vector<std::string>& examples, std::string text) {
    if (examples.size() < kExamplesMax) examples.push_back(std::move(text));
}

/// What puts a provider's files together leaves the mark of each in the middle, and the answer behind it is
/// paid for like any other.
void pass_over_mark(Line& line) {
    const std::string_view text = without_byte_order_mark(line.text);
    const std::size_t mark = line.text.size() - text.size();
    line.text = text;
    line.offset += mark;
    line.size -= mark;
}

}  // namespace

ResultFinder::ResultFinder(std::span<const RowRef> rows, const OnCharged& on_charged)
    : on_charged_(on_charged), found_(rows.size()), ids_(rows.size()) {
    for (std::size_t row = 0; row < rows.size(); ++row) ids_.insert(rows[row].id, row);
    report_.rows = rows.size();
}

Result<void> ResultFinder::read(const Path& path, std::uint32_t file) {
    const auto fd = open_file(path, O_RDONLY);
    if (!fd) return fd.error();
    LineReader reader(fd->get(), kLineBytesMax);
    // A range never goes over the end of a file.
    last_ = Kind::counts;
    for (Line line;;) {
        const auto more = reader.next(line);
        if (!more) return within(path.string(), more.error());
        if (!*more) return {};
        pass_over_mark(line);
        // A line that was too long has no text any more, and is not blank.
        if (line.too_long || !is_blank(line.text)) take(line, file);
    }
}

void ResultFinder::take(const Line& line, std::uint32_t file) {
    const auto row = parser_.parse(line);
    if (!row) return take_unreadable(line, file, row.error());
    // By a digest of the id, so that ids of any length cost 16 bytes each.
    const auto at = ids_.find(digest128(row->custom_id));
    if (!at) {
        ++report_.unknown;
        add_example(report_.unknown_ids, excerpt(row->custom_id));
        return leave(line, file, Kind::stray);
    }
    FoundLine& found = found_[*at];
    // Of two rows for one request an answer is worth more than an error, whichever comes first.
    const bool better = row->verdict == Verdict::succeeded && found.verdict != Verdict::succeeded;
    if (found.there) ++report_.repeated;
    const std::uint64_t checksum = checksum64(line.text);
    if (found.there && !better) {
        // The same once more has nothing in it that would be missed.
        const bool is_copy = found.size == line.size && found.checksum == checksum;
        return leave(line, file, is_copy ? Kind::counts : Kind::stray);
    }
    last_ = Kind::counts;
    found = {line.offset, line.size,   checksum,         file, row->verdict, true,
             row->ran,    found.named, row->id_is_number};
    if (row->verdict == Verdict::no_money && report_.no_money.code.empty())
        report_.no_money = {excerpt(row->error_code), printable(row->error_message.substr(0, kSaidBytesMax))};
    // What ran and failed is charged for what it used.
    if (on_charged_ && (row->verdict == Verdict::succeeded || row->usage)) on_charged_(*row);
}

void ResultFinder::take_unreadable(const Line& line, std::uint32_t file, const BadResult& bad) {
    ++report_.unreadable;
    add_example(report_.unreadable_lines, "line " + std::to_string(line.number) + ": " + bad.what);
    leave(line, file, Kind::unreadable);
    // A line that was cut off in the middle of an answer most often still says whose it is.
    const auto id = custom_id_in_broken(line.text);
    const auto at = id ? ids_.find(digest128(*id)) : std::nullopt;
    if (at)
        // It may be this request's answer, so the request must not be sent again.
        found_[*at].named = true;
    else
        ++report_.nameless;
}

void ResultFinder::leave(const Line& line, std::uint32_t file, Kind kind) {
    const Kind before = std::exchange(last_, kind);
    if (kind == Kind::counts) return;
    const bool is_stray = kind == Kind::stray;
    // A page of a million lines takes no more to remember than a line. Strays in great numbers take along
    // what lies between them.
    const bool are_many = is_stray && left_.size() >= kStraysMax && left_.back().is_stray;
    if (before == kind || (are_many && left_.back().file == file))
        left_.back().size = line.offset + line.size - left_.back().offset;
    else
        left_.push_back({file, line.offset, line.size, is_stray});
}

MatchReport ResultFinder::report() const {
    MatchReport report = report_;
    const auto count = [&](auto is) {
        return static_cast<std::uint64_t>(std::count_if(found_.begin(), found_.end(), is));
    };
    report.missing = count([](const FoundLine& line) { return !line.there; });
    const auto count_of = [&](Verdict verdict) {
        return count(
            [verdict](const FoundLine& line) { return line.there && line.ran && line.verdict == verdict; });
    };
    report.without_model = count_of(Verdict::no_model);
    report.without_money = count_of(Verdict::no_money);
    report.faults = count_of(Verdict::retry);
    report.ran = count([](const FoundLine& line) { return line.there && line.ran; });
    return report;
}

}  // namespace batchd::jsonl
