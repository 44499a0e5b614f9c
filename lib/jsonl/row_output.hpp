#pragma once

#include <optional>

#include "jsonl/row_file.hpp"

namespace batchd::jsonl {

/// A row file that is there only when it has rows.
class RowOutput {
public:
    explicit RowOutput(Path path) : path_(std::move(path)) {}

    Result<void> append(std::uint64_t line_number, const Digest128& id, std::string_view text);
    /// Commits the rows; without any, removes what an earlier, interrupted run may have left under the name.
    Result<void> commit();
    std::uint64_t count() const { return writer_ ? writer_->count() : 0; }

private:
    Path path_;
    std::optional<RowFileWriter> writer_{};
};

/// Copies texts out of a file whose places are known, through one buffer that holds the longest of them.
class RowSource {
public:
    static Result<RowSource> open(const Path& path);

    /// Valid until the next call. Errors: errno, corrupt when the file ends before.
    Result<std::string_view> text_at(std::uint64_t offset, std::uint64_t size);

private:
    RowSource(UniqueFd fd, Path path) : fd_(std::move(fd)), path_(std::move(path)) {}

    UniqueFd fd_;
    Path path_;
    std::string buffer_{};
};

}  // namespace batchd::jsonl
