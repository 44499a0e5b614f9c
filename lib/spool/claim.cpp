#include "spool/claim.hpp"

#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/system/errc.hpp>

#include "spool/move_file.hpp"

namespace batchd::spool {
namespace {

namespace errc = boost::system::errc;

/// The file in the inbox, held by descriptor: whatever happens to its name, this is what was looked at.
struct Original {
    UniqueFd directory;
    UniqueFd file;
    std::string name;
    Path path;
    FileId id;
    FileStamp stamp;
};

struct Found {
    FileId id;
    FileStamp stamp;
};

/// lstat in an open directory (or AT_FDCWD); nothing where there is no regular file of that name.
Result<std::optional<Found>> regular_file(int directory, const std::string& name) {
    struct stat status{};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISREG(status.st_mode)) return std::optional<Found>();
        return std::optional(Found{file_id(status), file_stamp(status)});
    }
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<Found>();
    return system_failure("look at " + name);
}

Error is_another_file(const Path& path) {
    return error(Errc::changed, path.string() + " is no longer the file that was looked at");
}

/// The name is looked at before it is opened, so that no FIFO or device ever is, and the file again after it,
/// by descriptor, in case the name was swapped in between.
Result<Original> open_original(const Path& inbox, const std::string& name, const FileId& id) {
    Original original;
    original.name = name;
    original.path = inbox / name;
    auto directory = open_file(inbox, O_RDONLY | O_DIRECTORY);
    if (!directory) return directory.error();
    original.directory = std::move(*directory);
    const auto found = regular_file(original.directory.get(), name);
    if (!found) return found.error();
    if (!*found) return error(Errc::not_found, original.path.string() + " is gone");
    if ((*found)->id != id) return is_another_file(original.path);
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    original.file.reset(::openat(original.directory.get(), name.c_str(), kFlags));
    if (!original.file && errno == ENOENT) return error(Errc::not_found, original.path.string() + " is gone");
    if (!original.file) return system_failure("open " + original.path.string());
    struct stat status{};
    if (::fstat(original.file.get(), &status) != 0)
        return system_failure("look at " + original.path.string());
    if (!S_ISREG(status.st_mode) || file_id(status) != id) return is_another_file(original.path);
    original.id = id;
    original.stamp = file_stamp(status);
    return original;
}

/// After the name was swapped at the last moment: what was moved instead goes back.
Error put_back(const Original& original, const Path& destination) {
    if (auto back = rename_new(destination, original.path); !back)
        return error(Errc::changed, original.path.string() + " was swapped while it was taken, and is at " +
                                        destination.string() + " now: " + to_string(back.error()));
    return is_another_file(original.path);
}

/// Frees the name in the inbox once the copy is safe; leaves it when it is another file by now.
Result<void> remove_original(const Original& original) {
    const auto found = regular_file(original.directory.get(), original.name);
    if (!found) return found.error();
    if (!*found || (*found)->id != original.id) return {};
    if (::unlinkat(original.directory.get(), original.name.c_str(), 0) != 0 && errno != ENOENT)
        return system_failure("remove " + original.path.string());
    return sync_file(original.directory.get(), original.path.parent_path());
}

Result<Claimed> claimed(const Path& destination, ClaimedBy how) {
    const auto found = regular_file(AT_FDCWD, destination.string());
    if (!found) return found.error();
    if (!*found) return error(Errc::not_found, destination.string() + " is gone");
    return Claimed{(*found)->stamp, how};
}

Result<Claimed> copy_in(const Original& original, const Path& destination) {
    if (auto copied = copy_durably(original.file.get(), destination); !copied) return copied.error();
    const auto after = stamp(original.file.get());
    if (!after) return after.error();
    auto removed =
        same_content(*after, original.stamp)
            ? remove_original(original)
            : Result<void>(error(Errc::changed, original.path.string() + " changed while it was copied"));
    if (removed) return claimed(destination, ClaimedBy::copy);
    // Two whole copies would be two jobs. The one in the inbox is the one that people see.
    if (auto undone = remove_file(destination); !undone) return undone.error();
    return removed.error();
}

Result<Claimed> move_in(const Original& original, const Path& destination) {
    // Whoever wrote it need not have synced it, and from here on it must survive a power cut.
    if (auto synced = sync_file(original.file.get(), original.path); !synced) return synced.error();
    const auto renamed = rename_new_at(original.directory.get(), original.name, destination);
    if (!renamed && renamed.error().code == errc::cross_device_link) return copy_in(original, destination);
    if (!renamed && renamed.error().code == errc::no_such_file_or_directory)
        return error(Errc::not_found, original.path.string() + " is gone");
    if (!renamed) return renamed.error();
    const auto moved = regular_file(AT_FDCWD, destination.string());
    if (!moved) return moved.error();
    if (!*moved || (*moved)->id != original.id) return put_back(original, destination);
    if (auto synced = sync_directory(destination.parent_path()); !synced) return synced.error();
    if (auto synced = sync_file(original.directory.get(), original.path.parent_path()); !synced)
        return synced.error();
    return Claimed{(*moved)->stamp, ClaimedBy::rename};
}

/// Both names are there: a copy was made, and the crash came before the original was removed.
Result<Claimed> finish_copy(const Original& original, const Found& copy, const Path& destination) {
    if (!same_content(original.stamp, copy.stamp)) return copy_in(original, destination);
    if (auto removed = remove_original(original); !removed) return removed.error();
    return claimed(destination, ClaimedBy::earlier_run);
}

/// True when the file in the inbox, if any, is not the one of this claim.
bool is_gone(const Result<Original>& original) {
    return !original && (original.error().code == Errc::not_found || original.error().code == Errc::changed ||
                         original.error().code == errc::no_such_file_or_directory);
}

Result<Claimed> claim(const Path& inbox, const std::string& name, const FileId& id, const FileStamp* expected,
                      const Path& destination) {
    const auto original = open_original(inbox, name, id);
    const auto there = regular_file(AT_FDCWD, destination.string());
    if (!there) return there.error();
    if (*there && is_gone(original)) {
        if (auto synced = sync_directory(destination.parent_path()); !synced) return synced.error();
        return Claimed{(*there)->stamp, ClaimedBy::earlier_run};
    }
    if (!original) return original.error();
    if (*there) return finish_copy(*original, **there, destination);
    if (expected != nullptr && original->stamp != *expected)
        return error(Errc::changed, original->path.string() + " was written to since it was looked at");
    if (auto made = make_work_directory(destination.parent_path(), name); !made) return made.error();
    return move_in(*original, destination);
}

}  // namespace

Result<void> make_work_directory(const Path& directory, const std::string& file_name) {
    if (auto made = make_directory(directory); !made) return made.error();
    const Path link = directory / "name";
    // EPERM: a file system without symbolic links, on which the name is known to the database only.
    if (::symlink(file_name.c_str(), link.c_str()) != 0 && errno != EEXIST && errno != EPERM)
        return system_failure("make " + link.string());
    return sync_directory(directory.parent_path());
}

Result<Claimed> claim_file(const Path& inbox, const Candidate& candidate, const Path& destination) {
    return claim(inbox, candidate.name, candidate.id, &candidate.stamp, destination);
}

Result<Claimed> resume_claim(const Path& inbox, const std::string& name, const FileId& id,
                             const Path& destination) {
    return claim(inbox, name, id, nullptr, destination);
}

}  // namespace batchd::spool
