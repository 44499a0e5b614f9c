#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {

/// A row file whose rows are read in any order: what else is in it is not read, but for a few steps to find
/// them. Blocking.
class RandomRows {
public:
    /// Errors: errno; corrupt when the index is not as it was written.
    static Result<RandomRows> open(const Path& path);
    RandomRows(RandomRows&&) noexcept;
    ~RandomRows();

    std::uint64_t count() const;
    /// The `index`-th row, from 0, without its text. Errors: likewise.
    Result<RowRef> ref(std::uint64_t index) const;
    /// The same with its text, which is valid until the next call. Errors: as RowFileReader::next().
    Result<Row> at(std::uint64_t index);
    /// As RowFileReader::next_id_json().
    std::optional<std::string> id_json(std::uint64_t index);
    /// The first row whose number is not below `line_number`; count() where there is none. Errors: errno,
    /// corrupt.
    Result<std::uint64_t> find(std::uint64_t line_number) const;

private:
    struct Impl;
    explicit RandomRows(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::jsonl
