#pragma once

#include <optional>
#include <utility>

#include <sys/types.h>

#include "base/disk/fd.hpp"
#include "base/disk/file.hpp"

namespace batchd::server {

/// The longest path of a Unix socket, in bytes. Source: unix(7), sun_path with its final 0.
inline constexpr std::size_t kSocketPathMax = 107;

/// A listening Unix socket with a name in the file system, which goes with it.
class UnixListener {
public:
    /// Makes it for its owner and its group (mode 0660): that of this process, or `group`. The folder is
    /// made where it is missing. A socket that nobody listens on any more is replaced. Errors: locked, with
    /// the pid, where somebody does; bad_input where the name is that of something else; errno.
    static Result<UnixListener> open(const Path& path, std::optional<gid_t> group);

    UnixListener(UnixListener&& other) noexcept;
    UnixListener& operator=(UnixListener&&) = delete;
    /// Removes the name, unless it is somebody else's by now.
    ~UnixListener();

    /// The socket, to serve. This one listens on as long as it lives, so that the name is never taken for
    /// one that was left behind.
    UniqueFd share() const;

private:
    UnixListener(UniqueFd fd, Path path) : fd_(std::move(fd)), path_(std::move(path)) {}

    UniqueFd fd_;
    Path path_;  // "": none any more
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace batchd::server
