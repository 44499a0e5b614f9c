#pragma once

#include <string>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::jsonl {

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
