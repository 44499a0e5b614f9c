#include "spool/own_folder.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace batchd::spool {

Result<bool> is_our_owner(const Path& parent, uid_t owner) {
    // Whoever may write to the outbox can make a folder with any name and content, but not one that is
    // owned by us.
    if (owner == ::geteuid()) return true;
    // Some mounts give all files to one user, whoever makes them.
    std::string probe = (parent / ".batchd-probe-XXXXXX").string();
    if (::mkdtemp(probe.data()) == nullptr) return system_failure("make a folder in " + parent.string());
    struct stat status{};
    const bool looked = ::lstat(probe.c_str(), &status) == 0;
    // Where this fails the folder stays, empty and hidden; it keeps nobody from anything.
    ::rmdir(probe.c_str());
    return looked && status.st_uid == owner;
}

Result<std::optional<UniqueFd>> open_own_folder(const Path& path) {
    auto folder = open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    // A link or a file in the folder's place is no folder of ours, and no failure.
    const bool is_none = !folder && (folder.error().code == std::errc::no_such_file_or_directory ||
                                     folder.error().code == std::errc::not_a_directory ||
                                     folder.error().code == std::errc::too_many_symbolic_link_levels);
    if (is_none) return std::optional<UniqueFd>();
    if (!folder) return folder.error();
    struct stat status{};
    if (::fstat(folder->get(), &status) != 0) return system_failure("look at " + path.string());
    const auto ours = is_our_owner(path.parent_path(), status.st_uid);
    if (!ours) return ours.error();
    return *ours ? std::optional(std::move(*folder)) : std::optional<UniqueFd>();
}

Path path_through(const UniqueFd& folder, const Path& path) {
    // A path is looked up anew by each call, and somebody may put another folder in its place in between; a
    // descriptor stays what it is. Where /proc is not mounted, the path has to do.
    const Path through = "/proc/self/fd/" + std::to_string(folder.get());
    return ::access(through.c_str(), F_OK) == 0 ? through : path;
}

}  // namespace batchd::spool
