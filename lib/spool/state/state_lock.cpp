#include "spool/state/state_lock.hpp"

#include <cerrno>
#include <charconv>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/file_stamp.hpp"

namespace batchd::spool {
namespace {

/// What the holder wrote; nothing when it has not yet, or when that is no number.
std::optional<long> written_pid(int fd) {
    char text[32];
    const ssize_t size = ::pread(fd, text, sizeof text, 0);
    long pid = 0;
    if (size <= 0 || std::from_chars(text, text + size, pid).ec != std::errc{} || pid <= 0)
        return std::nullopt;
    return pid;
}

std::string in_brackets(std::optional<long> pid) {
    return pid ? " (pid " + std::to_string(*pid) + ")" : std::string();
}

/// The pid in a line of /proc/locks, "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF", when it is about this
/// inode. Device numbers there are not stat(2)'s on every file system. Source: proc(5).
std::optional<long> holder_in(const std::string& line, ino_t inode) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, file;
    long pid = 0;
    if (!(words >> number >> kind >> advisory >> mode >> pid >> file) || kind != "FLOCK" || mode != "WRITE")
        return std::nullopt;
    if (!file.ends_with(":" + std::to_string(inode))) return std::nullopt;
    return pid;
}

Error held_by_another(int fd, const Path& path) {
    return error(Errc::locked, "another batchd" + in_brackets(written_pid(fd)) + " works on " +
                                   path.parent_path().string() +
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
    // Not removed at the end: a lock on a file that another process may remove and make anew would protect
    // nobody.
    auto fd = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!fd) return fd.error();
    if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return held_by_another(fd->get(), path);
        return system_failure("lock " + path.string());
    }
    if (!is_still_named(fd->get(), path))
        return error(Errc::changed, path.string() + " was replaced while it was locked; start again");
    // The number in it is for the message to a second daemon; what counts is the lock, which the kernel
    // drops with the process.
    if (::ftruncate(fd->get(), 0) != 0) return system_failure("write " + path.string());
    if (auto written = write_all(fd->get(), std::to_string(::getpid()) + "\n"); !written)
        return within(path.string(), written.error());
    return StateLock(std::move(*fd));
}

Result<std::optional<long>> StateLock::look(const Path& path) {
    // Of a machine with tens of thousands of locks.
    constexpr std::size_t kLocksBytesMax = 4 * 1024 * 1024;
    struct stat status{};
    // Asked of the kernel, for who may look at the state need not be allowed to open the lock file for
    // writing, and trying to lock it could make a daemon that starts at this moment fail.
    const auto locks = read_file("/proc/locks", kLocksBytesMax);
    if (!locks) return locks.error();
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::optional<long>();
        return system_failure("look at " + path.string());
    }
    std::istringstream lines(*locks);
    for (std::string line; std::getline(lines, line);)
        if (const auto pid = holder_in(line, status.st_ino)) return pid;
    return std::optional<long>();
}

std::optional<long> StateLock::holder(const Path& path) {
    const auto found = look(path);
    return found ? *found : std::nullopt;
}

}  // namespace batchd::spool
