#pragma once

#include <span>
#include <vector>

#include "base/disk/file.hpp"
#include "spool/drop/file_writers.hpp"
#include "spool/inbox/inbox.hpp"

namespace batchd::spool {

/// writers_of() each of these files in the inbox, which are opened for it. Blocking. Errors: errno, such as
/// permission_denied for a file that we may not read; not_found and changed as for claim_file().
std::vector<Result<Writers>> look_for_writers(const Path& inbox, std::span<const Candidate> candidates);

}  // namespace batchd::spool
