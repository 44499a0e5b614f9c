#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

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

/// A file in the inbox, and where it goes.
struct Claim {
    std::string name;
    FileId id;
    /// As the file was looked at. Nothing for a claim on record whose outcome is unknown: its file is only
    /// known by name and id.
    std::optional<FileStamp> stamp;
    Path destination;  ///< its folder is made
};

/// Takes a file out of the inbox: from now on it is at the destination and durable, and the name is free
/// again. By descriptor: what is moved is the file that was looked at, or it goes back. Reads and writes the
/// whole file when the inbox is on another file system, so call it on the pool.
///
/// Doing it again after a crash at any point finishes it.
///
/// Errors: not_found when neither name is there; changed when the name is another file by now, or was written
/// to since it was looked at; errno, such as permission_denied for a file that we may not read.
Result<Claimed> claim_file(const Path& inbox, const Claim& claim);

/// claim_file() for each of `claims`, the results in their order, with fewer waits for the disk: the folders
/// are synced together, behind the last rename.
std::vector<Result<Claimed>> claim_files(const Path& inbox, std::span<const Claim> claims);

}  // namespace batchd::spool
