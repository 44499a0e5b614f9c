#include "spool/claim.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <boost/system/errc.hpp>

#include "spool/drop/drop_folder.hpp"
#include "spool/inbox/inbox_name.hpp"
#include "spool/layout.hpp"
#include "spool/move_file.hpp"
#include "spool/set_aside.hpp"

namespace batchd::spool {
namespace {

namespace errc = boost::system::errc;

/// The inbox as it was when it was opened: a folder that takes its name later gets nothing and loses nothing.
struct Inbox {
    UniqueFd directory;
    Path path;
};

/// The file in the inbox, held by descriptor: whatever happens to its name, this is what was looked at.
struct Original {
    int directory = -1;  ///< of the Inbox
    UniqueFd file;
    std::string name;
    Path path;
    FileId id;
    FileStamp stamp;
};

// Of a regular file: what tells it from others, and whether it was written to.
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
Result<Original> open_original(const Result<Inbox>& inbox, const std::string& name, const FileId& id) {
    if (!inbox) return inbox.error();
    Original original;
    original.name = name;
    original.path = inbox->path / name;
    original.directory = inbox->directory.get();
    const auto found = regular_file(original.directory, name);
    if (!found) return found.error();
    if (!*found) return error(Errc::not_found, original.path.string() + " is gone");
    if ((*found)->id != id) return is_another_file(original.path);
    // Whatever has taken the name is not waited for, not followed, and becomes no terminal of ours.
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    original.file.reset(::openat(original.directory, name.c_str(), kFlags));
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

std::string key_of(const Path& destination) {
    return destination.parent_path().filename().string();
}

std::string aside_name(const Claim& claim) {
    return set_aside_name(job_name(claim.name), key_of(claim.destination));
}

Result<Claimed> claimed(const Path& destination, ClaimedBy how) {
    const auto found = regular_file(AT_FDCWD, destination.string());
    if (!found) return found.error();
    if (!*found) return error(Errc::not_found, destination.string() + " is gone");
    return Claimed{(*found)->stamp, how};
}

/// Before a copy is begun that can't be finished: it would fill the disk of the state at each try, and what
/// is on its way there would wait for room.
Result<void> expect_room(const Original& original, const Path& destination) {
    struct statvfs disk{};
    // Where it can't be told, the copy itself finds out.
    if (::statvfs(destination.parent_path().c_str(), &disk) != 0 || disk.f_frsize == 0) return {};
    const std::uint64_t blocks = original.stamp.size_bytes / disk.f_frsize;
    if (blocks < disk.f_bavail) return {};
    return Error{errc::make_error_code(errc::no_space_on_device),
                 "copy " + original.path.string() + " to " + destination.string()};
}

Result<Claimed> copy_in(const Original& original, const Path& destination) {
    if (auto room = expect_room(original, destination); !room) return room.error();
    if (auto copied = copy_durably(original.file.get(), destination); !copied) return copied.error();
    const auto after = stamp(original.file.get());
    if (!after) return after.error();
    if (same_content(*after, original.stamp)) return claimed(destination, ClaimedBy::copy);
    // A copy of which nobody can say what is in it.
    if (auto undone = remove_file(destination); !undone) return undone.error();
    return error(Errc::changed, original.path.string() + " changed while it was copied");
}

/// The inbox is on another file system. Where the copy can't be made the file gets its name back; where that
/// is taken by now it stays aside, and doing it again finishes the claim.
Result<Claimed> set_aside_and_copy(const Original& original, const Claim& claim) {
    const Path aside = original.path.parent_path() / aside_name(claim);
    if (auto noted = note_set_aside(claim.destination.parent_path(), original.directory); !noted)
        return noted.error();
    const auto renamed = rename_new_at(original.directory, original.name, aside);
    if (!renamed && renamed.error().code == errc::no_such_file_or_directory)
        return error(Errc::not_found, original.path.string() + " is gone");
    if (!renamed) return renamed.error();
    const auto moved = regular_file(AT_FDCWD, aside.string());
    if (!moved) return moved.error();
    if (!*moved || (*moved)->id != original.id) return put_back(original, aside);
    const auto synced = sync_file(original.directory, original.path.parent_path());
    auto copied = synced ? copy_in(original, claim.destination) : Result<Claimed>(synced.error());
    // Fails where somebody has dropped another file of that name by now: then the next try goes on from here.
    if (!copied) static_cast<void>(rename_new(aside, original.path));
    return copied;
}

/// Whoever wrote the files need not have synced them, and from here on they must survive a power cut.
enum class Synced {
    all,        ///< what was in the inbox when the claims began
    one_by_one  ///< each is when it is moved
};

Result<Claimed> move_in(const Original& original, const Claim& claim, Synced synced) {
    if (synced == Synced::one_by_one)
        if (auto safe = sync_file(original.file.get(), original.path); !safe) return safe.error();
    const auto renamed = rename_new_at(original.directory, original.name, claim.destination);
    if (!renamed && renamed.error().code == errc::cross_device_link)
        return set_aside_and_copy(original, claim);
    if (!renamed && renamed.error().code == errc::no_such_file_or_directory)
        return error(Errc::not_found, original.path.string() + " is gone");
    if (!renamed) return renamed.error();
    const auto moved = regular_file(AT_FDCWD, claim.destination.string());
    if (!moved) return moved.error();
    if (!*moved || (*moved)->id != original.id) return put_back(original, claim.destination);
    return Claimed{(*moved)->stamp, ClaimedBy::rename};
}

/// The file was set aside already; a crash, or a full disk, came before the copy was whole.
Result<Claimed> finish_copy(const Result<Inbox>& inbox, const Claim& claim, const FileId& aside) {
    const auto original = open_original(inbox, aside_name(claim), aside);
    if (!original) return original.error();
    return copy_in(*original, claim.destination);
}

/// True when the file in the inbox, if any, is not the one of this claim.
bool is_gone(const Result<Original>& original) {
    return !original && (original.error().code == Errc::not_found || original.error().code == Errc::changed ||
                         original.error().code == errc::no_such_file_or_directory);
}

Result<Inbox> open_inbox(const Path& path) {
    auto directory = open_drop_folder(path);
    if (!directory) return directory.error();
    return Inbox{std::move(*directory), path};
}

/// What was set aside for this claim; nothing where there is no such file, or no inbox.
Result<std::optional<Found>> find_set_aside(const Result<Inbox>& inbox, const Claim& claim) {
    if (!inbox) return std::optional<Found>();
    return regular_file(inbox->directory.get(), aside_name(claim));
}

/// All of a claim but the syncs of the folders that it moves the file from and to.
Result<Claimed> move_one(const Result<Inbox>& inbox, const Claim& claim, Synced synced) {
    const auto there = regular_file(AT_FDCWD, claim.destination.string());
    if (!there) return there.error();
    const auto aside = find_set_aside(inbox, claim);
    if (!aside) return aside.error();
    if (*aside && !*there) return finish_copy(inbox, claim, (*aside)->id);
    if (*aside) return Claimed{(*there)->stamp, ClaimedBy::earlier_run};
    const auto original = open_original(inbox, claim.name, claim.id);
    if (*there && is_gone(original)) return Claimed{(*there)->stamp, ClaimedBy::earlier_run};
    if (!original) return original.error();
    // Both are there: an earlier version made the copy, and was to remove the original.
    if (*there) return set_aside_and_copy(*original, claim);
    if (claim.stamp && original->stamp != *claim.stamp)
        return error(Errc::changed, original->path.string() + " was written to since it was looked at");
    return move_in(*original, claim, synced);
}

/// The folder, with the dropped file's name in it (see Layout::name_link). Its own name is not durable yet.
Result<void> make_named_folder(const Path& directory, const std::string& name) {
    std::error_code ec;
    std::filesystem::create_directory(directory, ec);
    if (ec) return Error{ec, "make directory " + directory.string()};
    return note_in_link(directory / "name", name);
}

std::string in_queue(const std::string& name, const std::string& queue) {
    return queue == "default" ? name : queue + "/" + name;
}

Result<void> make_work_directories(std::span<const Claim> claims) {
    std::set<Path> roots;
    for (const Claim& claim : claims) {
        const Path directory = claim.destination.parent_path();
        if (roots.insert(directory.parent_path()).second)
            if (auto made = make_directory(directory.parent_path()); !made) return made.error();
        if (auto made = make_named_folder(directory, in_queue(claim.name, claim.queue)); !made)
            return made.error();
    }
    for (const Path& root : roots)
        if (auto synced = sync_directory(root); !synced) return synced.error();
    return {};
}

/// Of so many files that it is quicker to sync the whole file system than each of them. Its errors may be
/// about files of somebody else's: then each is synced, which tells.
bool syncs_together(std::span<const Claim> claims, const Path& folder) {
    constexpr std::size_t kManyFiles = 8;
    if (claims.size() < kManyFiles) return false;
    const auto fd = open_file(folder, O_RDONLY | O_DIRECTORY);
    return fd && sync_file_system(fd->get(), folder);
}

/// Before the first rename. A file that is written to from here on is no longer the one that was looked at,
/// which its claim finds by its stamp.
Synced sync_originals(const Result<Inbox>& inbox, std::span<const Claim> claims) {
    const auto bears_stamp = [](const Claim& claim) { return claim.stamp.has_value(); };
    const bool all = inbox && std::all_of(claims.begin(), claims.end(), bears_stamp) &&
                     syncs_together(claims, inbox->path);
    return all ? Synced::all : Synced::one_by_one;
}

/// Behind the last rename, so that the disk is waited for once where the file system writes its changes in
/// their order. The new names go first: no crash leaves a file without a name.
void sync_folders(const Result<Inbox>& inbox, std::span<const Claim> claims,
                  std::vector<Result<Claimed>>& results) {
    // All have the same root, and so the same file system.
    const bool together =
        !claims.empty() && syncs_together(claims, claims.front().destination.parent_path().parent_path());
    for (std::size_t i = 0; i < claims.size() && !together; ++i) {
        if (!results[i]) continue;
        if (auto synced = sync_directory(claims[i].destination.parent_path()); !synced)
            results[i] = synced.error();
    }
    if (!inbox) return;
    const auto emptied = sync_file(inbox->directory.get(), inbox->path);
    for (auto& result : results)
        if (result && !emptied) result = emptied.error();
}

}  // namespace

Result<void> make_work_directory(const Path& directory, const std::string& file_name,
                                 const std::string& queue) {
    if (auto made = make_directory(directory.parent_path()); !made) return made.error();
    if (auto made = make_named_folder(directory, in_queue(file_name, queue)); !made) return made.error();
    return sync_directory(directory.parent_path());
}

std::vector<Result<Claimed>> claim_files(const Path& inbox_path, std::span<const Claim> claims) {
    std::vector<Result<Claimed>> results;
    results.reserve(claims.size());
    const auto inbox = open_inbox(inbox_path);
    const auto made = make_work_directories(claims);
    const Synced synced = sync_originals(inbox, claims);
    for (const Claim& claim : claims)
        results.push_back(made ? move_one(inbox, claim, synced) : Result<Claimed>(made.error()));
    sync_folders(inbox, claims, results);
    return results;
}

Result<bool> is_taken(const Path& inbox, const Claim& claim) {
    const auto there = file_exists(claim.destination);
    if (!there || *there) return there;
    return file_exists(inbox / aside_name(claim));
}

Path set_aside_path(const Path& inbox, std::string_view job_name, std::string_view job_key) {
    return inbox / set_aside_name(job_name, job_key);
}

Result<void> remove_set_aside(const Path& inbox, std::string_view job_name, std::string_view job_key) {
    const Path aside = set_aside_path(inbox, job_name, job_key);
    const auto there = file_exists(aside);
    if (!there) return there.error();
    if (!*there) return {};
    if (auto removed = remove_file(aside); !removed) return removed.error();
    return sync_directory(inbox);
}

Result<Claimed> claim_file(const Path& inbox, const Claim& claim) {
    return std::move(claim_files(inbox, {&claim, 1}).front());
}

}  // namespace batchd::spool
