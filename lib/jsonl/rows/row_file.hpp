#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk/file.hpp"
#include "base/disk/sha256.hpp"
#include "jsonl/rows/format/row_form.hpp"

/// A row file: lines of text in ascending order of the input lines that they belong to. Its index (PATH.rows)
/// says of each where its bytes stand: in another file of the same folder, which is not changed any more, or
/// in PATH itself, which is there only where rows have no other place.
namespace batchd::jsonl {

namespace row_format {
struct Entry;
struct Tables;
}  // namespace row_format

/// What is known of a row without its text.
struct RowRef {
    std::uint64_t line_number = 0;  ///< of the input, 1-based
    std::uint64_t size = 0;         ///< bytes of its text without the LF
    Digest128 id{};                 ///< of its custom_id
};

struct Row {
    std::uint64_t line_number = 0;
    Digest128 id{};
    std::string_view text;  ///< without the LF
};

/// Bytes of a file in the folder of the row file.
struct RowPlace {
    std::string_view file;       ///< its name
    std::uint64_t offset = 0;    ///< where they begin
    std::uint64_t size = 0;      ///< how many they are, without the LF
    std::uint64_t checksum = 0;  ///< of them, as checksum64() makes it
};

/// Removes the index, then the text; fine when they are not there.
Result<void> remove_row_file(const Path& path);

/// True when the index is there, and the text where rows are in it. Errors: errno.
Result<bool> row_file_exists(const Path& path);

/// True when anything of it is there, also what a removal or a write that was broken off has left.
/// Errors: errno.
Result<bool> row_file_is_left(const Path& path);

/// Bytes of all texts, with an LF each. Errors: errno, corrupt.
Result<std::uint64_t> text_bytes_of(const Path& path);

/// Another file in the same folder that holds the texts of all rows, in their order and with an LF each, and
/// nothing else; or PATH itself; nothing where there is none. Errors: as RowIndex::load().
Result<std::optional<Path>> file_with_all_of(const Path& path);

/// True for an error of a file that rows stand in and that is not ours to keep: it is gone, or was changed.
bool is_source_lost(const Error& error);

/// True for an error of reading rows that others would not meet with theirs: whatever is wrong, it is no lack
/// of descriptors or memory.
bool is_of_these_rows(const Error& error);

class RowFileReader;

/// Writes a row file. Nothing is to be seen under its name before commit(); destroyed without it, nothing is
/// left. Line numbers must rise. Errors of all that appends: errno; corrupt when they do not; too_large for a
/// row of 4 GiB.
class RowFileWriter {
public:
    static Result<RowFileWriter> create(const Path& path, std::size_t buffer_bytes = 256 * 1024);
    RowFileWriter(RowFileWriter&&) noexcept;
    RowFileWriter& operator=(RowFileWriter&&) noexcept;
    ~RowFileWriter();

    /// A row that stands nowhere else. `text` holds no LF.
    Result<void> append(std::uint64_t line_number, const Digest128& id, std::string_view text);
    /// A row whose text stands in another file as it is.
    Result<void> append_from(std::uint64_t line_number, const Digest128& id, const RowPlace& place);
    /// False where it has as many forms as it takes: rows of another one are to be appended as texts.
    bool takes(const RowForm& form) const;
    /// A row whose text is made of a line of another file.
    Result<void> append_made(std::uint64_t line_number, const Digest128& id, const RowPlace& line,
                             const RowForm& form, const RequestCut& cut);
    /// The row that `from` comes to next: of another file in this folder it is where it was, and its text is
    /// copied where it stands in that of `from` itself or in another folder. False at its end.
    Result<bool> append_next_of(RowFileReader& from);
    /// Makes all of it durable, the index last: where it is, there is all that it speaks of.
    Result<void> commit();

    std::uint64_t count() const;
    std::uint64_t size_bytes() const;  ///< of all texts, with an LF each

private:
    struct Impl;
    explicit RowFileWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The whole index of a row file in memory, 32 bytes a row.
class RowIndex {
public:
    /// Errors: errno; corrupt when the index is not as it was written, or does not fit the text file.
    static Result<RowIndex> load(const Path& path);

    std::span<const RowRef> rows() const { return rows_; }

private:
    explicit RowIndex(std::vector<RowRef> rows) : rows_(std::move(rows)) {}
    std::vector<RowRef> rows_;
};

/// Reads a row file from its start, in memory that does not depend on its size, and checks texts against the
/// index.
class RowFileReader {
public:
    /// A row longer than `buffer_bytes` gets memory of its own while it is looked at. Errors: as
    /// RowIndex::load().
    static Result<RowFileReader> open(const Path& path, std::size_t buffer_bytes = 256 * 1024);
    RowFileReader(RowFileReader&&) noexcept;
    RowFileReader& operator=(RowFileReader&&) noexcept;
    ~RowFileReader();

    /// Fills in `row`; its text is valid until the next call. False at the end. Errors: errno; corrupt;
    /// changed when a file that rows stand in is no longer what it was.
    Result<bool> next(Row& row);
    /// Goes on without looking at the text. False at the end. Errors: errno, corrupt.
    Result<bool> skip();

    /// The next row, without its text and without going on; nullptr at the end. Errors: errno, corrupt.
    Result<const RowRef*> peek();
    /// What stands where the id of the next row was: for one whose text was changed. It may be anything.
    std::optional<std::string> next_id_json();
    /// Gives back the memory of a long row; its text must not be used any more.
    void release_text();
    const Path& path() const;
    std::uint64_t text_bytes() const;  ///< of all texts, with an LF each

private:
    /// To copy where a row stands, without reading it.
    friend class RowFileWriter;
    Result<const row_format::Entry*> peek_entry();
    const row_format::Tables& tables() const;

    struct Impl;
    explicit RowFileReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::jsonl
