#include "daemon/host/folders.hpp"

#include <boost/system/errc.hpp>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk/file.hpp"
#include "engine/queue/queue_folders.hpp"
#include "spool/inbox/inbox.hpp"

namespace batchd {
namespace {

namespace errc = boost::system::errc;

Error explained(Error error, const Path& folder) {
    error.context += sandbox_remedy(error, folder);
    return error;
}

/// A folder of a file system that is read-only here can be made and listed, and still nothing can be moved in
/// it.
Result<void> expect_writable(const Path& folder) {
    // By the effective user, as the calls that follow will be judged: access(2) would ask for the real one.
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) == 0) return {};
    const Error failure = system_failure("write to " + folder.string());
    if (failure.code != errc::read_only_file_system)
        return {};  // said where it is met, and mended while we run
    return explained(failure, folder);
}

/// What keeps a queue from having this folder, or "". In the inbox there are no folders of jobs, and a
/// job.json is what somebody has dropped.
std::string in_the_way(const Path& folder, bool may_be_of_a_job) {
    // The folder may be given to people by name: a link would lead what is dropped or delivered elsewhere.
    struct stat status{};
    if (::lstat(folder.c_str(), &status) != 0) return {};
    if (!S_ISDIR(status.st_mode))
        return folder.string() + " is no folder, and a queue needs it: move it away";
    struct stat job{};
    const bool is_of_a_job = may_be_of_a_job && ::lstat((folder / "job.json").c_str(), &job) == 0 &&
                             S_ISREG(job.st_mode);  // a job may be called that, and has a folder then
    if (!is_of_a_job) return {};
    return folder.string() +
           " is the folder of a job, and a queue of that name needs it: move that folder away";
}

/// To whom the folders of a queue belong, and what they may do there.
struct Access {
    gid_t group = 0;
    mode_t mode = 0;
};

/// As the inbox has it; a group of its own may do in its queue what the configuration gives it for, whatever
/// holds for the inbox.
Result<Access> access_for(const Path& inbox, const std::string& group) {
    struct stat status{};
    if (::stat(inbox.c_str(), &status) != 0) return system_failure("look at " + inbox.string());
    Access access{.group = status.st_gid, .mode = status.st_mode & 07777};
    if (group.empty()) return access;
    const struct group* const entry = ::getgrnam(group.c_str());
    if (entry == nullptr) return error(Errc::bad_input, "there is no group " + group);
    access.group = entry->gr_gid;
    // What is dropped gets the folder's group with the first of these, whoever has dropped it.
    access.mode |= S_ISGID | S_IRWXG;
    return access;
}

Error cannot_give(const Path& folder, const std::string& group) {
    Error failure = system_failure("give " + folder.string() + " to the group " + group);
    if (failure.code == errc::operation_not_permitted)
        failure.context +=
            " (a service may give to its own groups only: `systemctl edit batchd`, and under "
            "[Service] SupplementaryGroups=" +
            group + "; then restart it)";
    return failure;
}

Result<void> give(const Path& folder, const Access& access, const std::string& group) {
    struct stat status{};
    if (::lstat(folder.c_str(), &status) != 0) return system_failure("look at " + folder.string());
    if (status.st_gid != access.group && ::lchown(folder.c_str(), static_cast<uid_t>(-1), access.group) != 0)
        return cannot_give(folder, group.empty() ? std::to_string(access.group) : group);
    // After the group: a change of it takes the bit away that hands it on to what is dropped.
    if (::chmod(folder.c_str(), access.mode) != 0)
        return system_failure("set the mode of " + folder.string());
    return {};
}

/// One that is there stays as its owner has it, unless the configuration names a group that is another one,
/// or has just taken one back.
Result<void> make_queue_folder(const Path& folder, const Access& access, const std::string& group,
                               bool has_lost_group, bool may_be_of_a_job) {
    if (std::string why = in_the_way(folder, may_be_of_a_job); !why.empty())
        return error(Errc::bad_input, std::move(why));
    struct stat status{};
    const bool is_there = ::lstat(folder.c_str(), &status) == 0;
    if (!is_there)
        if (auto made = make_directory(folder); !made) return explained(made.error(), folder);
    const bool is_as_named = group.empty() ? !has_lost_group : status.st_gid == access.group;
    if (is_there && is_as_named) return {};
    return give(folder, access, group);
}

}  // namespace

std::string sandbox_remedy(const Error& error, const Path& folder) {
    const std::string path = folder.string();
    const bool is_home =
        path.starts_with("/home/") || path.starts_with("/root/") || path.starts_with("/run/user/");
    // ProtectHome=true shows these folders as empty or locked, so that the error is an ordinary one and
    // only the path tells.
    const bool is_hidden =
        is_home && (error.code == errc::permission_denied || error.code == errc::no_such_file_or_directory);
    if (error.code != errc::read_only_file_system && !is_hidden) return {};
    return " (the service may write to its state directory only: `systemctl edit batchd`, and under "
           "[Service] "
           "ReadWritePaths=" +
           path + (is_home ? " and ProtectHome=false" : "") + ")";
}

Result<void> make_folders(const config::Spool& spool, const spool::Layout& layout) {
    // The state comes first: in a folder of people nothing may be touched by a daemon that can't keep a
    // record of it.
    if (auto made = make_directory(layout.work_root()); !made)
        return explained(made.error(), layout.work_root());
    for (const Path& folder : {spool.outbox, spool.rejected})
        if (auto made = make_directory(folder); !made) return explained(made.error(), folder);
    if (auto made = spool::make_inbox(spool.inbox); !made) return explained(made.error(), spool.inbox);
    for (const Path& folder : {spool.inbox, spool.outbox, spool.rejected})
        if (auto writable = expect_writable(folder); !writable) return writable;
    return {};
}

Result<void> expect_free_folders(const config::Settings& settings) {
    for (const auto& [name, queue] : settings.queues) {
        const engine::QueueFolders folders = engine::folders_of(settings.spool, name);
        for (const Path& folder : {folders.inbox, folders.outbox, folders.rejected})
            if (std::string why = in_the_way(folder, folder != folders.inbox); !why.empty())
                return error(Errc::bad_input, "queue." + name + ": " + why);
    }
    return {};
}

std::vector<Error> make_queue_folders(const config::Settings& settings, const QueuesByName& before) {
    std::vector<Error> failures;
    for (const auto& [name, queue] : settings.queues) {
        const auto access = access_for(settings.spool.inbox, queue.group);
        if (!access) {
            // One queue that can't have its folders holds up none of the others.
            failures.push_back(within("queue." + name, access.error()));
            continue;
        }
        const auto earlier = before.find(name);
        const bool has_lost_group =
            queue.group.empty() && earlier != before.end() && !earlier->second.group.empty();
        const engine::QueueFolders folders = engine::folders_of(settings.spool, name);
        for (const Path& folder : {folders.inbox, folders.outbox, folders.rejected})
            if (auto made =
                    make_queue_folder(folder, *access, queue.group, has_lost_group, folder != folders.inbox);
                !made)
                failures.push_back(within("queue." + name, made.error()));
    }
    return failures;
}

}  // namespace batchd
