#include "engine/command/retry_input.hpp"

#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include <boost/system/errc.hpp>

#include "engine/origin.hpp"
#include "engine/prepare/request_scan.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/request/id_table.hpp"
#include "jsonl/request/request_line.hpp"
#include "jsonl/result/result_line.hpp"
#include "jsonl/rows/format/row_form.hpp"
#include "spool/claim.hpp"
#include "spool/inbox/inbox_name.hpp"

namespace batchd::engine {
namespace {

constexpr std::size_t kResultLineBytesMax = 512ULL * 1024 * 1024;

/// Calls `take` with each row of a file of results, and its number. A line that is none is passed over.
template <class Take>
Result<void> read_rows(const Path& path, Take take) {
    const auto fd = open_file(path, O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    jsonl::LineReader reader(fd->get(), kResultLineBytesMax);
    jsonl::ResultParser parser;
    for (jsonl::Line line;;) {
        const auto more = reader.next(line);
        if (!more) return within(path.string(), more.error());
        if (!*more) return {};
        if (const auto row = parser.parse(line)) take(*row, line.number);
    }
}

/// Bad lines are told by batchd itself. Such a line can't be sent, and another one may have its id.
bool is_of_a_bad_line(const jsonl::ResultLine& row) {
    return row.status_code == 0 && row.error_code == "invalid_line";
}

struct FailedIds {
    jsonl::IdTable failed;    // by errors.jsonl; a line without an id is of an input line that was no request
    jsonl::IdTable answered;  // those of them that have an answer all the same
    bool has(const Digest128& id) const { return failed.find(id) && !answered.find(id); }
};

Result<FailedIds> failed_ids(const Path& folder) {
    FailedIds ids;
    const auto add = [&](const jsonl::ResultLine& row, std::uint64_t number) {
        if (!is_of_a_bad_line(row)) ids.failed.insert(digest128(row.custom_id), number);
    };
    if (auto read = read_rows(folder / "errors.jsonl", add); !read) return read.error();
    const auto take_out = [&](const jsonl::ResultLine& row, std::uint64_t number) {
        const Digest128 id = digest128(row.custom_id);
        if (ids.failed.find(id)) ids.answered.insert(id, number);
    };
    // Somebody may have taken the answers away already.
    auto read = read_rows(folder / "output.jsonl", take_out);
    if (!read && read.error().code != boost::system::errc::no_such_file_or_directory) return read.error();
    return ids;
}

struct Selection {
    std::vector<std::uint64_t> lines;  // rising
    bool numbers_matter = false;       // an id is made of its line's number
    spool::FileStamp stamp;            // of the file that they are lines of
};

Error is_not_what_was_sent(const Path& input) {
    return error(Errc::changed,
                 input.string() +
                     " is not the file whose lines were sent (sha256 in job.json): put that one "
                     "back, or drop the lines that you want as a new file");
}

Result<Selection> select(const Path& input, const FailedIds& failed, const Terms& terms,
                         const std::string& sha256) {
    Selection selection;
    const ScanVisitor visitor{.request = [&](const ScannedRequest& scanned) -> Result<void> {
                                  const std::uint64_t number = scanned.line.number;
                                  if (!failed.has(scanned.id)) return {};
                                  selection.lines.push_back(number);
                                  if (jsonl::custom_id_with(scanned.id, jsonl::made_id(number)))
                                      selection.numbers_matter = true;
                                  return {};
                              },
                              .bad_line = [](const ScannedBadLine&) -> Result<void> { return {}; }};
    // By the same scan as the first time, so that the same lines are requests, under the same ids.
    const auto totals =
        scan_requests(input, terms, sha256.empty() ? ScanHash::none : ScanHash::sha256, visitor);
    if (!totals) return totals.error();
    // Both are empty where no digest is on record, and there is nothing to hold it against.
    if (totals->sha256 != sha256) return is_not_what_was_sent(input);
    selection.stamp = totals->stamp;
    return selection;
}

Result<void> copy_lines(const Path& input, const Selection& selection, const Terms& terms,
                        FileWriter& writer) {
    const auto fd = open_file(input, O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    jsonl::LineReader reader(fd->get(), terms.batch.max_bytes);
    auto wanted = selection.lines.begin();
    for (jsonl::Line line; wanted != selection.lines.end();) {
        const auto more = reader.next(line);
        if (!more) return within(input.string(), more.error());
        if (!*more) return error(Errc::changed, input.string() + " was written to while it was read");
        const bool is_wanted = line.number == *wanted;
        if (is_wanted) {
            if (auto appended = writer.append(line.text); !appended) return appended;
            ++wanted;
        }
        // Blank lines in the place of the others keep the numbers, of which some ids are made.
        if (is_wanted || selection.numbers_matter)
            if (auto appended = writer.append("\n"); !appended) return appended;
    }
    // The lines were chosen in one reading and copied in another: between the two nobody may have written.
    const auto after = spool::stamp(fd->get());
    if (!after) return after.error();
    if (!spool::same_content(selection.stamp, *after)) return is_not_what_was_sent(input);
    return {};
}

Result<RetryInput> look_at(const Path& written, std::uint64_t requests) {
    struct stat status{};
    if (::lstat(written.c_str(), &status) != 0) return system_failure(written.string());
    return RetryInput{.requests = requests,
                      .size_bytes = static_cast<std::uint64_t>(status.st_size),
                      .device = status.st_dev,
                      .inode = status.st_ino};
}

}  // namespace

Result<RetryInput> write_retry_input(const spool::Layout& layout, const std::string& key,
                                     const store::Job& job, const Terms& terms) {
    const Path folder = job.delivered_to, input = folder / "input.jsonl", destination = layout.input(key);
    const auto failed = failed_ids(folder);
    if (!failed) return failed.error();
    const auto selection = select(input, *failed, terms, job.sha256);
    if (!selection) return selection.error();
    if (selection->lines.empty()) return RetryInput{};

    auto made = spool::make_work_directory(layout.work_directory(key), spool::file_name(job.name), job.queue);
    if (made) made = note_origin(layout, key, {Origin::Kind::retry, job.key});
    if (!made) return made.error();
    auto writer = FileWriter::create(destination);
    if (!writer) return writer.error();
    if (auto copied = copy_lines(input, *selection, terms, *writer); !copied) return copied.error();
    if (auto committed = writer->commit(); !committed) return committed.error();
    return look_at(destination, selection->lines.size());
}

}  // namespace batchd::engine
