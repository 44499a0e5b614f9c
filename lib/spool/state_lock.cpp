#include "spool/state_lock.hpp"

#include <cerrno>
#include <charconv>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/file_stamp.hpp"

namespace batchd::spool {
namespace {

/// What the holder wrote; "" when it has not yet, or when that is no number.
std::string holder(int fd) {
    char text[32];
    const ssize_t size = ::pread(fd, text, sizeof text, 0);
    long pid = 0;
    if (size <= 0 || std::from_chars(text, text + size, pid).ec != std::errc{} || pid <= 0) return {};
    return " (pid " + std::to_string(pid) + ")";
}

Error held_by_another(int fd, const Path& path) {
    return error(Errc::locked, "another batchd" + holder(fd) + " works on " + path.parent_path().string() +
                                   " already; stop it first, or give this one a state.directory of its own");
}

/// False when somebody removed the file, or put another in its place, between our open and our lock.
bool is_still_named(int fd, const Path& path) {
    struct stat ours{};
    struct stat named{};
    return ::fstat(fd, &ours) == 0 && ::lstat(path.c_str(), &named) == 0 && file_id(ours) == file_id(named);
}

}  // namespace

Result<StateLock> StateLock::acquire(const Path& path) {
    auto fd = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!fd) return fd.error();
    if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return held_by_another(fd->get(), path);
        return system_failure("lock " + path.string());
    }
    if (!is_still_named(fd->get(), path))
        return error(Errc::changed, path.string() + " was replaced while it was locked; start again");
    if (::ftruncate(fd->get(), 0) != 0) return system_failure("write " + path.string());
    if (auto written = write_all(fd->get(), std::to_string(::getpid()) + "\n"); !written)
        return within(path.string(), written.error());
    return StateLock(std::move(*fd));
}

}  // namespace batchd::spool
