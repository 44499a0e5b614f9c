#include "jsonl/rows/row_file.hpp"

#include <algorithm>

#include <fcntl.h>

#include "jsonl/rows/row_format.hpp"

namespace batchd::jsonl {

namespace {
// An entry has 40 bytes, so this is 400 rows a write; a job of many shards has as many of these buffers.
constexpr std::size_t kIndexBufferBytes = 16 * 1024;
}  // namespace

Result<void> remove_row_file(const Path& path) {
    // The text goes first: an index without a text is no row file, and is replaced by the next.
    if (auto removed = remove_file(path); !removed) return removed.error();
    return remove_file(row_format::index_path(path));
}

Result<bool> row_file_exists(const Path& path) {
    const auto text = file_exists(path);
    if (!text || !*text) return text;
    return file_exists(row_format::index_path(path));
}

Result<RowFileWriter> RowFileWriter::create(const Path& path, std::size_t buffer_bytes) {
    auto text = FileWriter::create(path, buffer_bytes);
    if (!text) return text.error();
    auto index = FileWriter::create(row_format::index_path(path), kIndexBufferBytes);
    if (!index) return index.error();
    if (auto head = index->append(row_format::kHead); !head) return head.error();
    return RowFileWriter(path, std::move(*text), std::move(*index));
}

RowFileWriter::RowFileWriter(const Path& path, FileWriter text, FileWriter index)
    : path_(path), text_(std::move(text)), index_(std::move(index)) {}

Result<void> RowFileWriter::append(std::uint64_t line_number, const Digest128& id, std::string_view text) {
    // A merge relies on the order, and would drop or mix up rows without noticing.
    if (line_number <= last_line_)
        return error(Errc::corrupt, path_.string() + ": line " + std::to_string(line_number) +
                                        " after line " + std::to_string(last_line_));
    const auto bytes = row_format::encode(RowRef{line_number, text_.size_bytes(), text.size(), id});
    if (auto put = index_.append({bytes.data(), bytes.size()}); !put) return put.error();
    if (auto put = text_.append(text); !put) return put.error();
    if (auto put = text_.append("\n"); !put) return put.error();
    last_line_ = line_number;
    ++count_;
    return {};
}

Result<void> RowFileWriter::commit() {
    const auto foot = row_format::encode(row_format::Foot{count_, text_.size_bytes()});
    if (auto put = index_.append({foot.data(), foot.size()}); !put) return put.error();
    // The text is what others look for, so it gets its name last: once it is there, its index is.
    if (auto committed = index_.commit(); !committed) return committed.error();
    return text_.commit();
}

Result<RowIndex> RowIndex::load(const Path& path) {
    const auto text = open_file(path, O_RDONLY);
    if (!text) return text.error();
    const auto index = open_file(row_format::index_path(path), O_RDONLY);
    if (!index) return index.error();
    const auto foot = row_format::check_frame(index->get(), text->get(), path);
    if (!foot) return foot.error();

    std::vector<RowRef> rows;
    // The count was held against the size of the index, so no damaged file asks for more memory than it has
    // bytes.
    rows.reserve(foot->count);
    row_format::Sequence sequence;
    // Not row by row, which would be a system call for every 40 bytes.
    std::vector<char> block(row_format::kRowBytes * 1024);
    for (std::uint64_t offset = row_format::kHead.size(); rows.size() < foot->count; offset += block.size()) {
        block.resize(std::min<std::uint64_t>(1024, foot->count - rows.size()) * row_format::kRowBytes);
        if (auto read = read_exactly_at(index->get(), block.data(), block.size(), offset); !read)
            return within(path.string(), read.error());
        for (std::size_t at = 0; at < block.size(); at += row_format::kRowBytes) {
            rows.push_back(row_format::decode_row(block.data() + at));
            if (auto checked = sequence.check(rows.back(), path); !checked) return checked.error();
        }
    }
    if (sequence.end_offset() != foot->text_bytes)
        return error(Errc::corrupt, path.string() + " has bytes that belong to no row");
    return RowIndex(std::move(rows));
}

}  // namespace batchd::jsonl
