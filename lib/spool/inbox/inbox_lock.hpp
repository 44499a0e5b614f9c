#pragma once

#include "base/disk/file.hpp"
#include "spool/file_stamp.hpp"

namespace batchd::spool {

/// Held by the one daemon that takes files from an inbox, until it is destroyed or the process ends, however
/// it ends. It is on the folder itself: nothing is left behind in it, and a folder that takes its name is
/// another inbox.
class InboxLock {
public:
    /// Errors: locked, naming the pid of who holds it where that is on this machine; errno where there is no
    /// inbox. Where the file system knows no locks of folders, the lock is held in name only.
    static Result<InboxLock> acquire(const Path& inbox);

    /// False when another folder has that name by now, or none.
    bool is_on(const Path& inbox) const;

private:
    InboxLock(UniqueFd directory, FileId id) : directory_(std::move(directory)), id_(id) {}
    UniqueFd directory_;
    FileId id_;
};

}  // namespace batchd::spool
