#include "daemon/state/state_owner.hpp"

#include <cerrno>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace batchd {

Result<void> become_owner_of(const Path& state_directory) {
    if (::geteuid() != 0) return {};
    struct stat status{};
    if (::stat(state_directory.c_str(), &status) != 0) {
        // A folder that is not there yet belongs to nobody; whoever makes it owns it.
        if (errno == ENOENT) return {};
        return system_failure("look at " + state_directory.string());
    }
    // A state that root owns is run by root, in a container for instance.
    if (status.st_uid == 0) return {};
    // With the groups of that user, where it is one that the system knows.
    const passwd* const user = ::getpwuid(status.st_uid);
    const gid_t group = user != nullptr ? user->pw_gid : status.st_gid;
    // The groups go first: once the user is another one, the process may change them no more.
    const int grouped = user != nullptr ? ::initgroups(user->pw_name, group) : ::setgroups(0, nullptr);
    if (grouped != 0 || ::setgid(group) != 0 || ::setuid(status.st_uid) != 0)
        return system_failure("become the owner of " + state_directory.string());
    ::umask(0027);  // as in batchd.service: the group may read
    return {};
}

}  // namespace batchd
