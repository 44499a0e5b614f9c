#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "spool/file_stamp.hpp"
#include "spool/inbox/inbox.hpp"

namespace batchd::spool {

/// How the file came to where it is now.
enum class ClaimedBy {
    rename,
    copy,         ///< the inbox is on another file system, where the original is set aside
    earlier_run,  ///< it was in its place already, and is no longer in the inbox
};

struct Claimed {
    FileStamp stamp;  ///< of the file in its new place
    ClaimedBy how = ClaimedBy::rename;
};

/// Makes a job's work directory, with the dropped file's name in it (see Layout::name_link), behind QUEUE/
/// for any queue but the default one, durably; fine when it is there already.
Result<void> make_work_directory(const Path& directory, const std::string& file_name,
                                 const std::string& queue = "default");

/// A file in the inbox, and where it goes.
struct Claim {
    std::string name;
    FileId id;
    /// As the file was looked at. Nothing for a claim on record whose outcome is unknown: its file is only
    /// known by name and id.
    std::optional<FileStamp> stamp;
    Path destination;               ///< its folder is made, and is named by the job's key
    std::string queue = "default";  ///< whose folder the inbox is
};

/// Takes a file out of the inbox: from now on it is at the destination and durable, and the name is free
/// again. By descriptor: what is moved is the file that was looked at, or it goes back.
///
/// Between file systems the file is renamed in the inbox first (set_aside_name()), so that of two who want it
/// one gets it, and copied then: call it on the pool. The original stays there for whoever still writes to
/// it; remove_set_aside() takes it away in the end.
///
/// Doing it again after a crash at any point finishes it.
///
/// Errors: not_found when neither name is there; changed when the name is another file by now, or was written
/// to since it was looked at; errno, such as permission_denied for a file that we may not read.
Result<Claimed> claim_file(const Path& inbox, const Claim& claim);

/// claim_file() for each of `claims`, the results in their order, with fewer waits for the disk: the folders
/// are synced together, behind the last rename.
std::vector<Result<Claimed>> claim_files(const Path& inbox, std::span<const Claim> claims);

/// True when the file of this claim is with us, whole or still to be copied, whatever claim_file() said.
Result<bool> is_taken(const Path& inbox, const Claim& claim);

/// Where the original of a job's file is while it is set aside.
Path set_aside_path(const Path& inbox, std::string_view job_name, std::string_view job_key);

/// Removes what was set aside. Fine where nothing is, or no inbox. Errors: errno.
Result<void> remove_set_aside(const Path& inbox, std::string_view job_name, std::string_view job_key);

}  // namespace batchd::spool
