#pragma once

#include <span>
#include <vector>

#include "base/disk/file.hpp"
#include "spool/inbox/inbox.hpp"

namespace batchd::spool {

/// Whether somebody has a file open for writing.
enum class Writers {
    none,
    some,
    unknown,  ///< the file is somebody else's, or its file system can't tell
};

/// Asks the kernel, by a lease that is given back at once. Source: fcntl(2), "Leases".
Writers writers_of(int fd);

/// writers_of() each of these files in the inbox, which are opened for it. Blocking. Errors: errno, such as
/// permission_denied for a file that we may not read; not_found and changed as for claim_file().
std::vector<Result<Writers>> look_for_writers(const Path& inbox, std::span<const Candidate> candidates);

}  // namespace batchd::spool
