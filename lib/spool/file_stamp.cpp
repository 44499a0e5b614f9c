#include "spool/file_stamp.hpp"

#include <sstream>

#include <sys/stat.h>

namespace batchd::spool {
namespace {

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

bool same_content(const FileStamp& a, const FileStamp& b) {
    // Not the ctime: our own rename and a chmod change it, and neither touches what is in the file.
    return a.size_bytes == b.size_bytes && a.mtime_ns == b.mtime_ns;
}

std::string to_text(const FileStamp& stamp) {
    return std::to_string(stamp.size_bytes) + " " + std::to_string(stamp.mtime_ns) + " " +
           std::to_string(stamp.ctime_ns);
}

std::optional<FileStamp> parse_stamp(const std::string& text) {
    std::istringstream words(text);
    FileStamp stamp;
    // To the end of the text, so that a stamp of a newer form is not taken for one of this.
    const bool is_stamp = (words >> stamp.size_bytes >> stamp.mtime_ns >> stamp.ctime_ns) && words.eof();
    return is_stamp ? std::optional(stamp) : std::nullopt;
}

FileId file_id(const struct stat& status) {
    return {status.st_dev, status.st_ino};
}

FileStamp file_stamp(const struct stat& status) {
    return {static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim)};
}

Result<FileStamp> stamp(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return system_failure("look at a file");
    return file_stamp(status);
}

}  // namespace batchd::spool
