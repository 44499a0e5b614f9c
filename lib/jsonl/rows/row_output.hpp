#pragma once

#include <optional>

#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {

/// A row file that is there only when it has rows.
class RowOutput {
public:
    explicit RowOutput(Path path) : path_(std::move(path)) {}

    /// As those of RowFileWriter.
    Result<void> append(std::uint64_t line_number, const Digest128& id, std::string_view text);
    Result<void> append_from(std::uint64_t line_number, const Digest128& id, const RowPlace& place);
    Result<bool> append_next_of(RowFileReader& from);
    /// Commits the rows; without any, removes what an earlier, interrupted run may have left under the name.
    Result<void> commit();
    std::uint64_t count() const { return writer_ ? writer_->count() : 0; }

private:
    Result<void> begin();

    Path path_;
    std::optional<RowFileWriter> writer_{};
};

}  // namespace batchd::jsonl
