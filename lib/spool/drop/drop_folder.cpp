#include "spool/drop/drop_folder.hpp"

#include <array>
#include <cerrno>
#include <climits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace batchd::spool {
namespace {

constexpr int kFlags = O_RDONLY | O_DIRECTORY;

bool is_trusted(uid_t owner) {
    return owner == 0 || owner == ::geteuid();
}

Error is_foreign_link(const Path& path) {
    // What the kernel itself says where a link must not be followed.
    errno = ELOOP;
    return system_failure("open " + path.string() +
                          ", a link that somebody else has made: put the folder in its place");
}

/// Where an open link leads. Read from the link that was judged, for its name may have been given to another
/// one meanwhile.
Result<Path> target_of(const UniqueFd& link, const Path& path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
    if (size < 0) return system_failure("read the link " + path.string());
    // A target that is absolute takes the place of the parent.
    return path.parent_path() / std::string(target.data(), static_cast<std::size_t>(size));
}

}  // namespace

Result<UniqueFd> open_drop_folder(const Path& path) {
    // Without opening what it leads to: first it is found out whose it is.
    const auto link = open_file(path, O_PATH | O_NOFOLLOW);
    if (!link) return link.error();
    struct stat status{};
    if (::fstat(link->get(), &status) != 0) return system_failure("look at " + path.string());
    if (!S_ISLNK(status.st_mode)) return open_file(path, kFlags | O_NOFOLLOW);
    if (!is_trusted(status.st_uid)) return is_foreign_link(path);
    const auto target = target_of(*link, path);
    if (!target) return target.error();
    return open_file(*target, kFlags);
}

}  // namespace batchd::spool
