#include "spool/folder_builder.hpp"

#include <cctype>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/system/errc.hpp>

#include "spool/drop/drop_folder.hpp"
#include "spool/file_stamp.hpp"
#include "spool/layout.hpp"
#include "spool/move_file.hpp"
#include "spool/own_folder.hpp"

namespace batchd::spool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInput = "input.jsonl";
// More folders of one name than anybody has; a search that goes on beyond is a mistake.
constexpr std::uint64_t kNumberMax = 1'000'000;

/// Calls `act` with each path in `folder`, which does not change meanwhile, until one fails.
template <class Act>
Result<void> for_each_entry(const Path& folder, Act act) {
    std::error_code ec;
    for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
        if (auto done = act(it->path()); !done) return done.error();
    if (ec) return Error{ec, "read " + folder.string()};
    return {};
}

Result<void> remove_remains(const Path& folder) {
    // Listed first and removed then: what a directory stream shows while its entries go is left to chance
    // by POSIX.
    std::vector<Path> remains;
    const auto collect = [&](const Path& path) -> Result<void> {
        // The input was moved, not copied: it is the only one there is. All else can be written again.
        if (path.filename() != kInput) remains.push_back(path);
        return {};
    };
    if (auto listed = for_each_entry(folder, collect); !listed) return listed.error();
    for (const Path& path : remains)
        if (auto removed = remove_tree(path); !removed) return removed.error();
    return {};
}

/// What was moved in has the group that it had elsewhere. A folder that hands its own on, such as a queue's,
/// is for the people of that group, and so is all that is in it.
void give_to_group(int fd, const struct stat& folder) {
    struct stat status{};
    if (!(folder.st_mode & S_ISGID) || ::fstat(fd, &status) != 0) return;
    if (!S_ISREG(status.st_mode) || status.st_gid == folder.st_gid) return;
    // An input that is its dropper's can't be given by us. It is theirs to read, and delivered all the same.
    if (::fchown(fd, static_cast<uid_t>(-1), folder.st_gid) != 0) return;
}

Result<void> finish_entry(const Path& path, const struct stat& folder) {
    // Not waiting, for somebody may have put a pipe into the folder meanwhile.
    const auto fd = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!fd) return fd.error();
    give_to_group(fd->get(), folder);
    return sync_file(fd->get(), path);
}

/// Makes the folder, or goes on with the one that a crashed run made. A link in its place is removed itself.
Result<UniqueFd> make_folder(const Path& path) {
    for (bool first = true;; first = false) {
        // For the group as well: what is published is read by others than us.
        if (::mkdir(path.c_str(), 0775) != 0 && errno != EEXIST)
            return system_failure("make directory " + path.string());
        auto folder = open_own_folder(path);
        if (!folder) return folder.error();
        if (*folder) return std::move(**folder);
        struct stat status{};
        const bool is_link = ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
        if (!first || !is_link)
            return error(Errc::bad_input, path.string() + " is not a folder of ours; remove it");
        if (auto removed = remove_file(path); !removed) return removed.error();
    }
}

/// A number for which there is no folder yet: the next where NAME, NAME.2, NAME.3 … are all there. Their
/// number is doubled and then halved, for there may be many. Names in `reserved` count as taken.
Result<std::uint64_t> free_number(const Path& parent, const std::string& name,
                                  const std::set<std::string>& reserved) {
    std::uint64_t taken = 0;
    std::uint64_t free = 1;
    for (bool halving = false; free - taken > 1 || !halving;) {
        const std::uint64_t number = halving ? taken + (free - taken) / 2 : free;
        if (number > kNumberMax)
            return error(Errc::too_large,
                         "a million folders for " + name + " in " + parent.string() + ": remove some");
        const std::string candidate = published_name(name, number);
        const auto there =
            reserved.contains(candidate) ? Result<bool>(true) : file_exists(parent / candidate);
        if (!there) return there.error();
        (*there ? taken : free) = number;
        if (!halving && *there)
            free = 2 * number;
        else
            halving = true;
    }
    return free;
}

/// Files are reached through open descriptors; people are told the path that they know.
Error with_name(Error error, const Path& through, const Path& path) {
    const std::string from = through.string(), to = path.string();
    for (std::size_t at = error.context.find(from); at != std::string::npos;
         at = error.context.find(from, at + 1)) {
        const std::size_t end = at + from.size();
        // Of another descriptor, whose number begins like this one.
        if (end < error.context.size() && std::isdigit(static_cast<unsigned char>(error.context[end])))
            continue;
        error.context.replace(at, from.size(), to);
        at += to.size();
    }
    return error;
}

/// The parent stands where others may write as well, and may have been made a link by one of them.
Result<UniqueFd> open_parent(const Path& parent) {
    auto opened = open_drop_folder(parent);
    if (opened || opened.error().code != boost::system::errc::no_such_file_or_directory) return opened;
    if (auto made = make_directory(parent); !made) return made.error();
    return open_drop_folder(parent);
}

/// Somebody may have put another folder in the place of the one that was built.
Result<void> expect_same(const UniqueFd& folder, const Path& path) {
    struct stat built{};
    struct stat named{};
    if (::fstat(folder.get(), &built) != 0 || ::lstat(path.c_str(), &named) != 0)
        return system_failure("look at " + path.string());
    if (file_id(built) == file_id(named)) return {};
    return error(Errc::changed, path.string() + " is not the folder that was built; remove it");
}

}  // namespace

FolderBuilder::FolderBuilder(Path parent, UniqueFd opened, std::string name, Path path, UniqueFd folder)
    : parent_(std::move(parent)),
      opened_(std::move(opened)),
      inside_(path_through(opened_, parent_)),
      name_(std::move(name)),
      path_(std::move(path)),
      folder_(std::move(folder)),
      through_(path_through(folder_, path_)) {}

Result<FolderBuilder> FolderBuilder::create(const Path& parent, std::string name, std::string_view key) {
    auto opened = open_parent(parent);
    if (!opened) return opened.error();
    const Path inside = path_through(*opened, parent);
    const std::string hidden = building_name(name, key);
    auto folder = make_folder(inside / hidden);
    if (!folder) return with_name(folder.error(), inside, parent);
    FolderBuilder builder(parent, std::move(*opened), std::move(name), parent / hidden, std::move(*folder));
    if (auto removed = remove_remains(builder.through_); !removed) return builder.named(removed.error());
    return builder;
}

Error FolderBuilder::named(Error error) const {
    return with_name(with_name(std::move(error), through_, path_), inside_, parent_);
}

Result<void> FolderBuilder::take_input(const Path& from) {
    return take(from, [&](const Path& to) { return move_or_copy(from, to); });
}

Result<void> FolderBuilder::take_start_of_input(const Path& from, std::uint64_t size_bytes) {
    return take(from, [&](const Path& to) -> Result<void> {
        const auto fd = open_file(from, O_RDONLY | O_NOFOLLOW);
        if (!fd) return fd.error();
        if (auto copied = copy_durably(fd->get(), to, size_bytes); !copied) return copied.error();
        return remove_file(from);
    });
}

Result<void> FolderBuilder::take(const Path& from, const std::function<Result<void>(const Path& to)>& move) {
    const Path to = through_ / kInput;
    const auto there = file_exists(from);
    if (!there) return there.error();
    if (*there) {
        // All else can be made again while the input is in work/, and must be safe once it is not. Together,
        // for the disk is waited for once where what is synced one after the other was written before.
        if (auto safe = make_safe(); !safe) return safe;
        auto moved = move(to);
        return moved ? moved : Result<void>(named(moved.error()));
    }
    const auto moved = file_exists(to);
    if (!moved) return named(moved.error());
    // A crashed run had moved it already.
    if (*moved) return {};
    return error(Errc::not_found,
                 from.string() + " is gone, and " + (path_ / kInput).string() + " is not there either");
}

Result<void> FolderBuilder::make_safe() {
    struct stat status{};
    if (::fstat(folder_.get(), &status) != 0) return system_failure("look at " + path_.string());
    const auto finish = [&](const Path& path) { return finish_entry(path, status); };
    if (auto finished = for_each_entry(through_, finish); !finished) return named(finished.error());
    if (auto synced = sync_file(folder_.get(), path_); !synced) return synced;
    // The folder's own name: what moves in next must not be in a folder that a power cut forgets.
    if (auto synced = sync_file(opened_.get(), parent_); !synced) return synced;
    is_safe_ = true;
    return {};
}

/// The input, which moves as it is, and was synced when it was claimed.
Result<void> FolderBuilder::finish_input() {
    const Path input = through_ / kInput;
    struct stat status{};
    if (::fstat(folder_.get(), &status) != 0) return system_failure("look at " + path_.string());
    if (auto finished = finish_entry(input, status); !finished) return named(finished.error());
    return {};
}

Result<std::string> FolderBuilder::publish(const std::set<std::string>& reserved) {
    // The contents before the name: after a power cut a folder in the outbox is whole, or it is not there.
    if (auto finished = is_safe_ ? finish_input() : make_safe(); !finished) return finished.error();
    if (auto same = expect_same(folder_, path_); !same) return same.error();
    for (;;) {
        const auto number = free_number(inside_, name_, reserved);
        if (!number) return named(number.error());
        std::string name = published_name(name_, *number);
        // Never over an existing folder: between the look and the rename somebody may have made one, and it
        // may hold their answers.
        const auto renamed = rename_new(inside_ / path_.filename(), inside_ / name);
        if (!renamed && renamed.error().code == boost::system::errc::file_exists) continue;
        if (!renamed) return named(renamed.error());
        // By its name, as whoever is told of it finds it.
        if (auto same = expect_same(folder_, parent_ / name); !same) return same.error();
        if (auto synced = sync_file(opened_.get(), parent_); !synced) return synced.error();
        return name;
    }
}

}  // namespace batchd::spool
