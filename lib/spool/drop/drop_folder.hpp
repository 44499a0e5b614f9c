#pragma once

#include "base/disk/file.hpp"

namespace batchd::spool {

/// Opens a folder in which files are dropped, or folders of jobs are put, to be read as a directory. A link
/// in its place is followed where we or root have made it: an administrator may keep the inbox elsewhere.
/// Anybody else's is not, for the folder of a queue stands where those who drop may write, and it would lead
/// to files that are none of theirs. Errors: errno; ELOOP of such a link, with what to do.
Result<UniqueFd> open_drop_folder(const Path& path);

}  // namespace batchd::spool
