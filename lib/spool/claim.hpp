#pragma once

#include <string>

#include "base/file.hpp"
#include "spool/file_stamp.hpp"
#include "spool/inbox.hpp"

namespace batchd::spool {

enum class ClaimedBy {
    rename,
    copy,         ///< the inbox is on another file system
    earlier_run,  ///< it was in its place already, and is no longer in the inbox
};

struct Claimed {
    FileStamp stamp;  ///< of the file in its new place
    ClaimedBy how = ClaimedBy::rename;
};

/// Makes a job's work directory, with the dropped file's name in it (see Layout::name_link), durably; fine
/// when it is there already.
Result<void> make_work_directory(const Path& directory, const std::string& file_name);

/// Takes a file out of the inbox: from now on it is at `destination` and durable, and the name is free again.
/// The folder of `destination` is made. By descriptor: what is moved is the file that was looked at, or it
/// goes back. Reads and writes the whole file when the inbox is on another file system, so call it on the
/// pool.
///
/// Doing it again after a crash at any point finishes it.
///
/// Errors: not_found when neither name is there; changed when the name is another file by now, or was written
/// to since it was looked at; errno, such as permission_denied for a file that we may not read.
Result<Claimed> claim_file(const Path& inbox, const Candidate& candidate, const Path& destination);

/// claim_file() for a claim on record whose outcome is unknown: nothing is known of the file but its name and
/// id.
Result<Claimed> resume_claim(const Path& inbox, const std::string& name, const FileId& id,
                             const Path& destination);

}  // namespace batchd::spool
