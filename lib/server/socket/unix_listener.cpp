#include "server/socket/unix_listener.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/socket/peer.hpp"

namespace batchd::server {
namespace {

constexpr int kBacklog = 128;
constexpr mode_t kMode = 0660;

sockaddr_un address_of(const Path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // What is longer was refused with the configuration.
    path.string().copy(address.sun_path, kSocketPathMax);
    return address;
}

Result<UniqueFd> make_socket() {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return system_failure("make a socket");
    return fd;
}

Result<void> bind_to(int fd, const Path& path) {
    const sockaddr_un address = address_of(path);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return {};
    return system_failure("make the socket " + path.string());
}

/// Fine when nobody listens on what has the name, and it is a socket.
Result<void> expect_stale(const Path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return system_failure("look at " + path.string());
    if (!S_ISSOCK(status.st_mode))
        return error(Errc::bad_input, path.string() + " is there, and is no socket");
    const auto probe = make_socket();
    if (!probe) return probe.error();
    const sockaddr_un address = address_of(path);
    const int refused = ::connect(probe->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    // The kernel refuses only where nobody listens: a daemon that is merely slow has a queue.
    if (refused != 0 && errno == ECONNREFUSED) return {};
    const auto pid = peer_of(probe->get()).pid;
    return error(Errc::locked, path.string() + " is taken by another process" +
                                   (pid ? " (pid " + std::to_string(*pid) + ")" : ""));
}

/// Where there is a socket of a run that was killed, it goes.
Result<void> bind_anew(int fd, const Path& path) {
    auto bound = bind_to(fd, path);
    // Only then is it looked at who has the name.
    if (bound || bound.error().code != boost::system::errc::address_in_use) return bound;
    if (auto stale = expect_stale(path); !stale) return stale;
    if (auto removed = remove_file(path); !removed) return removed;
    return bind_to(fd, path);
}

/// Nobody can connect before it listens, so that nobody meets it as it was made.
Result<void> give_to(const Path& path, std::optional<gid_t> group) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return system_failure("look at " + path.string());
    if (group && status.st_gid != *group && ::lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0)
        return system_failure("give " + path.string() + " to its group");
    if (::chmod(path.c_str(), kMode) != 0) return system_failure("set the mode of " + path.string());
    return {};
}

}  // namespace

Result<UnixListener> UnixListener::open(const Path& path, std::optional<gid_t> group) {
    if (auto made = make_directory(path.parent_path()); !made) return made.error();
    auto fd = make_socket();
    if (!fd) return fd.error();
    const int socket = fd->get();
    if (auto bound = bind_anew(socket, path); !bound) return bound.error();
    UnixListener listener(std::move(*fd), path);
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return system_failure("look at " + path.string());
    listener.device_ = status.st_dev;
    listener.inode_ = status.st_ino;
    if (auto given = give_to(path, group); !given) return given.error();
    if (::listen(socket, kBacklog) != 0) return system_failure("listen on " + path.string());
    return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

UniqueFd UnixListener::share() const {
    return UniqueFd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
}

UnixListener::~UnixListener() {
    struct stat status{};
    if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
    // Another daemon may have taken the name since, and would be out of reach without it.
    if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace batchd::server
