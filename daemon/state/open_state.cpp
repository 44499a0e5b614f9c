#include "daemon/state/open_state.hpp"

#include <cerrno>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.hpp"
#include "engine/recover/recovery.hpp"

namespace batchd {
namespace {

bool may(const Path& path, int what) {
    return ::faccessat(AT_FDCWD, path.c_str(), what, AT_EACCESS) == 0;
}

}  // namespace

Result<bool> has_database(const spool::Layout& layout) {
    struct stat status{};
    if (::stat(layout.database().c_str(), &status) == 0) return status.st_size > 0;
    if (errno == ENOENT) return false;
    return system_failure("look at " + layout.database().string());
}

Error database_is_lost(const spool::Layout& layout, std::size_t jobs) {
    return error(Errc::corrupt, layout.work_root().string() + " holds " + count_of(jobs, "job", "jobs") +
                                    " that " + layout.database().string() +
                                    " does not know: the database is lost");
}

/// Who runs a command as somebody that the state's group does not know is told how to join it.
std::string how_to_join(const Path& folder) {
    struct stat status{};
    // The group of the folder is the one that the package made for readers, whatever it is called here.
    const bool is_known = ::stat(folder.c_str(), &status) == 0;
    const group* const readers = is_known ? ::getgrgid(status.st_gid) : nullptr;
    if (readers == nullptr || status.st_gid == 0)
        return " (as root, or as a user who may read it; where the service is installed: adduser USER "
               "batchd)";
    const passwd* const self = ::getpwuid(::geteuid());
    return " (you are not in the group " + std::string(readers->gr_name) + ": as root, run `adduser " +
           (self != nullptr ? self->pw_name : "USER") + " " + readers->gr_name + "`, and log in again)";
}

namespace {

/// For what a database that knows no job says. Who may not look into work/ is told what the rest shows.
Result<void> expect_no_work(const spool::Layout& layout) {
    const auto at_work = engine::jobs_at_work(layout);
    if (!at_work || at_work->empty()) return {};
    return database_is_lost(layout, at_work->size());
}

Result<bool> knows_jobs(store::Store& store) {
    const auto newest = store.jobs.newest();
    if (!newest) return newest.error();
    return newest->value > 0;
}

/// One that was made anew by another start, for instance, has no jobs, and says so as if that were all.
Result<void> expect_known_work(const spool::Layout& layout, store::Store& store) {
    const auto before = knows_jobs(store);
    if (!before || *before) return before ? Result<void>() : before.error();
    const auto idle = expect_no_work(layout);
    if (idle) return {};
    // Asked again, for the daemon may have taken its first file meanwhile: the row comes before the folder.
    const auto now = knows_jobs(store);
    if (!now) return now.error();
    return *now ? Result<void>() : idle;
}

Result<void> expect_access(const spool::Layout& layout, store::OpenMode mode) {
    const Path database = layout.database();
    // SQLite would say "unable to open database file" to all of these, which tells nobody what to do.
    if (const auto there = has_database(layout); there && !*there) {
        if (auto idle = expect_no_work(layout); !idle) return idle;
        return error(Errc::not_found,
                     "there is no " + database.string() + ": no daemon has run with this configuration yet");
    }
    if (!may(database, R_OK)) {
        // Kept at once: who looks for a group makes an errno of his own.
        Error failure = system_failure("read " + database.string());
        failure.context += how_to_join(database.parent_path());
        return failure;
    }
    if (mode == store::OpenMode::guest && !may(database, W_OK))
        return system_failure("write to " + database.string() +
                              " (as root or as the daemon's user; you may only look: batchd status)");
    return {};
}

}  // namespace

Result<std::unique_ptr<store::Store>> open_state(const spool::Layout& layout, store::OpenMode mode) {
    const Path database = layout.database();
    if (auto allowed = expect_access(layout, mode); !allowed) return allowed.error();
    auto store = store::open_store(database, mode);
    // Without these two, who may not make them can't read: the daemon leaves them there, other programs
    // don't.
    const bool lacks_log = !may(database.string() + "-wal", R_OK) || !may(database.string() + "-shm", R_OK);
    if (!store && lacks_log && !may(database.parent_path(), W_OK))
        return within("start the daemon, or look as root", store.error());
    if (!store) return store;
    if (auto known = expect_known_work(layout, **store); !known) return known.error();
    return store;
}

}  // namespace batchd
