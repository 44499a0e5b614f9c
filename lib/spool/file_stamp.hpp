#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

struct stat;

namespace batchd::spool {

/// Which file it is, whatever its name. Only good while the machine is up: device numbers may change at boot,
/// and inode numbers are used again once a file is gone.
struct FileId {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;

    friend bool operator==(const FileId&, const FileId&) = default;
};

/// What moves when somebody writes to a file. Times are nanoseconds since 1970.
struct FileStamp {
    std::uint64_t size_bytes = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t ctime_ns = 0;  ///< also moved by rename and chmod

    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// True when nothing says that the content is another: ctime is left out, for a rename moves it too.
bool same_content(const FileStamp& a, const FileStamp& b);

/// "SIZE MTIME CTIME", to be kept.
std::string to_text(const FileStamp& stamp);
/// Nothing for any text that to_text() did not write.
std::optional<FileStamp> parse_stamp(const std::string& text);

/// What lstat(2), stat(2) or fstat(2) has answered.
FileId file_id(const struct stat& status);
FileStamp file_stamp(const struct stat& status);

/// Taken before and after a file is read, two equal stamps say that nobody wrote to it meanwhile. Errors:
/// errno.
Result<FileStamp> stamp(int fd);

}  // namespace batchd::spool
