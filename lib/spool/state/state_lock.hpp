#pragma once

#include <optional>

#include "base/disk/file.hpp"

namespace batchd::spool {

/// Held by the one daemon that works on a state directory, until it is destroyed or the process ends, however
/// it ends.
class StateLock {
public:
    /// Locks the file `path`, which is made where it is missing, and writes our pid into it.
    /// Errors: locked, naming the pid of the daemon that holds it; errno.
    static Result<StateLock> acquire(const Path& path);

    /// The pid of the daemon that holds the lock, without touching it: whoever asks is never in a daemon's
    /// way, and need not be allowed to read it. Nothing where none runs. Errors: errno, such as
    /// permission_denied where the folder may not be looked into; then it is not known.
    static Result<std::optional<long>> look(const Path& path);
    /// The same for who has looked into the folder already; nothing also where it is not known.
    static std::optional<long> holder(const Path& path);

private:
    explicit StateLock(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace batchd::spool
