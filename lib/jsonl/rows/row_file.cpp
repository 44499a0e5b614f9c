#include "jsonl/rows/row_file.hpp"

#include <algorithm>

#include "jsonl/rows/format/row_format.hpp"

namespace batchd::jsonl {

using row_format::Entry;
using row_format::Frame;

namespace {

/// Calls visit(frame, entry) for each row, and ends where it answers false. Errors: of visit; errno, corrupt,
/// which is known of the whole only at its end.
template <class Visit>
Result<Frame> each_entry(const Path& path, Visit visit) {
    auto index = row_format::open_index(path);
    if (!index) return index.error();
    const Frame& frame = index->frame;
    row_format::Sequence sequence(frame);
    std::vector<char> block;
    std::uint64_t offset = row_format::kHead.size();
    // Not row by row, which would be a system call for each.
    for (std::uint64_t left = frame.foot.count; left > 0; offset += block.size()) {
        block.resize(std::min<std::uint64_t>(1024, left) * frame.shape.bytes);
        if (auto read = read_exactly_at(index->fd.get(), block.data(), block.size(), offset); !read)
            return within(path.string(), read.error());
        left -= block.size() / frame.shape.bytes;
        for (std::size_t at = 0; at < block.size(); at += frame.shape.bytes) {
            const auto entry = sequence.next(block.data() + at, path);
            if (!entry) return entry.error();
            if (!visit(frame, *entry)) return std::move(index->frame);
        }
    }
    if (auto ended = sequence.check_end(path); !ended) return ended.error();
    return std::move(index->frame);
}

}  // namespace

Result<void> remove_row_file(const Path& path) {
    // The index goes first: a text without one is no row file, and is replaced by the next.
    if (auto removed = remove_file(row_format::index_path(path)); !removed) return removed;
    return remove_file(path);
}

Result<bool> row_file_exists(const Path& path) {
    const auto index = row_format::open_index(path);
    if (index) return true;
    if (index.error().code == std::errc::no_such_file_or_directory) return false;
    // One that is damaged is there, and whoever reads it is told.
    return index.error().code == Errc::corrupt ? Result<bool>(true) : index.error();
}

Result<bool> row_file_is_left(const Path& path) {
    const auto text = file_exists(path);
    if (!text || *text) return text;
    return file_exists(row_format::index_path(path));
}

Result<std::uint64_t> text_bytes_of(const Path& path) {
    const auto index = row_format::open_index(path);
    if (!index) return index.error();
    return index->frame.foot.text_bytes;
}

Result<std::optional<Path>> file_with_all_of(const Path& path) {
    std::optional<std::uint16_t> source;
    std::uint64_t next = 0;
    bool is_one = true;
    const auto frame = each_entry(path, [&](const Frame&, const Entry& entry) {
        is_one = entry.form == 0 && entry.offset == next && entry.source == source.value_or(entry.source);
        source = entry.source;
        next = entry.offset + entry.bytes + 1;
        return is_one;
    });
    if (!frame) return frame.error();
    if (!is_one || !source) return std::optional<Path>();
    if (*source == 0) return std::optional(path);
    Path whole = path.parent_path() / frame->tables.sources[*source - 1U];
    std::error_code ec;
    const std::uint64_t size = std::filesystem::file_size(whole, ec);
    if (ec) return Error{ec, whole.string()};
    // What stands behind the last row, or a last line without its LF, is not ours to show.
    return size == next ? std::optional(std::move(whole)) : std::nullopt;
}

bool is_source_lost(const Error& error) {
    return error.code == Errc::changed || error.code == std::errc::no_such_file_or_directory;
}

bool is_of_these_rows(const Error& error) {
    return error.code != std::errc::too_many_files_open &&
           error.code != std::errc::too_many_files_open_in_system &&
           error.code != std::errc::not_enough_memory;
}

Result<RowIndex> RowIndex::load(const Path& path) {
    std::vector<RowRef> rows;
    const auto frame = each_entry(path, [&](const Frame& of, const Entry& entry) {
        // The count was held against the size of the index, so no damaged file asks for more memory than it
        // has bytes.
        if (rows.empty()) rows.reserve(of.foot.count);
        rows.push_back({entry.line_number, of.tables.text_bytes(entry), entry.id});
        return true;
    });
    if (!frame) return frame.error();
    return RowIndex(std::move(rows));
}

}  // namespace batchd::jsonl
