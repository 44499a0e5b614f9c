#include "spool/inbox/inbox_lock.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "spool/state/state_lock.hpp"

namespace batchd::spool {
namespace {

Error held_by_another(const Path& inbox) {
    const auto pid = StateLock::holder(inbox);
    return error(Errc::locked, "another batchd" +
                                   (pid ? " (pid " + std::to_string(*pid) + ")" : std::string()) +
                                   " takes files from " + inbox.string() +
                                   " already; stop it first, or give this one a spool.inbox of its own");
}

}  // namespace

Result<InboxLock> InboxLock::acquire(const Path& inbox) {
    auto directory = open_file(inbox, O_RDONLY | O_DIRECTORY);
    if (!directory) return directory.error();
    // The folder itself is locked, so that no file of ours has to be in it. A file system without locks, as
    // some network ones are, must not keep a daemon from working: then a second one is not noticed.
    if (::flock(directory->get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return held_by_another(inbox);
    struct stat status{};
    if (::fstat(directory->get(), &status) != 0) return system_failure("look at " + inbox.string());
    return InboxLock(std::move(*directory), file_id(status));
}

bool InboxLock::is_on(const Path& inbox) const {
    struct stat status{};
    // The lock is on an inode: a folder that was made anew under the same name is not locked by it.
    return ::stat(inbox.c_str(), &status) == 0 && file_id(status) == id_;
}

}  // namespace batchd::spool
