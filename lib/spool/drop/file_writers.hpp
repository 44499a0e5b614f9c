#pragma once

namespace batchd::spool {

/// Whether somebody has a file open for writing.
enum class Writers {
    none,
    some,
    forbidden,  ///< the file is somebody else's, and we have not the capability CAP_LEASE to ask
    unknown,    ///< its file system can't tell
};

/// Asks the kernel, by a lease that is given back at once. Source: fcntl(2), "Leases". Whoever opens the file
/// meanwhile waits for an instant and notices nothing.
Writers writers_of(int fd);

}  // namespace batchd::spool
