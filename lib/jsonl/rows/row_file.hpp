#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/disk/file.hpp"
#include "base/disk/sha256.hpp"

/// A row file: lines of text in ascending order of the input lines that they belong to (PATH), and beside it
/// an index of them (PATH.rows). The text is plain JSONL and can be sent as it is.
namespace batchd::jsonl {

/// Where a row stands in the text file.
struct RowRef {
    std::uint64_t line_number = 0;  ///< of the input, 1-based
    std::uint64_t offset = 0;       ///< in the text file
    std::uint64_t size = 0;         ///< bytes without the LF
    Digest128 id{};                 ///< of its custom_id
};

struct Row {
    std::uint64_t line_number = 0;
    Digest128 id{};
    std::string_view text;  ///< without the LF
};

/// Removes the text, then the index; fine when they are not there.
Result<void> remove_row_file(const Path& path);

/// True when both the text and its index are there. Errors: errno.
Result<bool> row_file_exists(const Path& path);

/// Writes a row file. Nothing is to be seen under its name before commit(); destroyed without it, nothing is
/// left.
class RowFileWriter {
public:
    static Result<RowFileWriter> create(const Path& path, std::size_t buffer_bytes = 256 * 1024);

    /// `text` holds no LF. Line numbers must rise. Errors: errno, corrupt when they do not.
    Result<void> append(std::uint64_t line_number, const Digest128& id, std::string_view text);
    /// Makes both files durable, the index first: where the text is, there is its index.
    Result<void> commit();

    std::uint64_t count() const { return count_; }
    std::uint64_t size_bytes() const { return text_.size_bytes(); }  ///< of the text

private:
    RowFileWriter(const Path& path, FileWriter text, FileWriter index);

    Path path_;
    FileWriter text_;
    FileWriter index_;
    std::uint64_t count_ = 0;
    std::uint64_t last_line_ = 0;
};

/// The whole index of a row file in memory, 40 bytes a row.
class RowIndex {
public:
    /// Errors: errno; corrupt when the index is not as it was written, or does not fit the text file.
    static Result<RowIndex> load(const Path& path);

    std::span<const RowRef> rows() const { return rows_; }

private:
    explicit RowIndex(std::vector<RowRef> rows) : rows_(std::move(rows)) {}
    std::vector<RowRef> rows_;
};

/// Reads a row file from its start, in memory that does not depend on its size, and checks text against
/// index.
class RowFileReader {
public:
    /// A row longer than `buffer_bytes` gets memory of its own while it is looked at. Errors: as
    /// RowIndex::load().
    static Result<RowFileReader> open(const Path& path, std::size_t buffer_bytes = 256 * 1024);
    RowFileReader(RowFileReader&&) noexcept;
    ~RowFileReader();

    /// Fills in `row`; its text is valid until the next call. False at the end. Errors: errno, corrupt.
    Result<bool> next(Row& row);

    /// The next row, without its text and without going on; nullptr at the end. Errors: errno, corrupt.
    Result<const RowRef*> peek();
    /// Gives back the memory of a long row; its text must not be used any more.
    void release_text();
    const Path& path() const;

private:
    struct Impl;
    explicit RowFileReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::jsonl
