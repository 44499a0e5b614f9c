#include "spool/drop/file_writers.hpp"

#include <cerrno>
#include <csignal>

#include <fcntl.h>

namespace batchd::spool {

Writers writers_of(int fd) {
    // Somebody may open it in the instant in which we have the lease, and we are told by a signal then: one
    // that nobody hears, in place of SIGIO, which would end us.
    if (::fcntl(fd, F_SETSIG, SIGURG) != 0) return Writers::unknown;
    // The kernel grants a read lease only where nobody has the file open for writing, and so is asked
    // without a search through /proc, which would not show other users' descriptors. Source: fcntl(2).
    if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) {
        if (errno == EAGAIN) return Writers::some;
        return errno == EACCES ? Writers::forbidden : Writers::unknown;
    }
    // Given back at once, for a writer who comes now would have to wait for it.
    ::fcntl(fd, F_SETLEASE, F_UNLCK);
    return Writers::none;
}

}  // namespace batchd::spool
