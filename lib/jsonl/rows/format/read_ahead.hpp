#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::jsonl {

/// Reads pieces of a file whose places are known, through one buffer: whole blocks where piece follows upon
/// piece, and no more than is asked for where they lie about.
class ReadAhead {
public:
    /// Opens the file with the first piece.
    ReadAhead(Path path, std::size_t buffer_bytes);

    /// Valid until the next call. More than the buffer holds gets memory of its own until then.
    /// Errors: errno, corrupt when the file ends before.
    Result<std::string_view> at(std::uint64_t offset, std::uint64_t size);
    /// Gives that memory back at once.
    void release() { large_.reset(); }
    const Path& path() const { return path_; }

private:
    Result<void> read(char* into, std::uint64_t size, std::uint64_t offset);
    /// How much to read at this place: a whole block only where pieces follow each other.
    std::uint64_t block_at(std::uint64_t offset, std::uint64_t size);
    /// Asked for once; what grows meanwhile is not looked at.
    Result<std::uint64_t> size_of_file();

    Path path_;
    UniqueFd fd_{};
    std::uint64_t file_bytes_ = 0;
    std::size_t capacity_;
    std::unique_ptr<char[]> buffer_{};
    std::unique_ptr<char[]> large_{};
    std::uint64_t begin_ = 0, end_ = 0;  // of what the buffer holds, in the file
    std::uint64_t next_ = 0;             // where the last piece ended
    std::uint64_t block_ = 0;            // how much is read at a time
};

}  // namespace batchd::jsonl
