#include "spool/folder_builder.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <boost/system/errc.hpp>

#include "spool/layout.hpp"
#include "spool/move_file.hpp"

namespace batchd::spool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInput = "input.jsonl";
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
    std::vector<Path> remains;
    const auto collect = [&](const Path& path) -> Result<void> {
        if (path.filename() != kInput) remains.push_back(path);
        return {};
    };
    if (auto listed = for_each_entry(folder, collect); !listed) return listed.error();
    for (const Path& path : remains)
        if (auto removed = remove_tree(path); !removed) return removed.error();
    return {};
}

Result<void> sync_entry(const Path& path) {
    const auto fd = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!fd) return fd.error();
    return sync_file(fd->get(), path);
}

}  // namespace

FolderBuilder::FolderBuilder(Path parent, std::string name, Path path)
    : parent_(std::move(parent)), name_(std::move(name)), path_(std::move(path)) {}

Result<FolderBuilder> FolderBuilder::create(const Path& parent, std::string name, std::string_view key) {
    if (auto made = make_directory(parent); !made) return made.error();
    Path path = parent / building_name(name, key);
    if (::mkdir(path.c_str(), 0775) != 0) {
        if (errno != EEXIST) return system_failure("make directory " + path.string());
        if (auto removed = remove_remains(path); !removed) return removed.error();
    }
    // Before the input moves in: it must not be in a folder that a power cut forgets.
    if (auto synced = sync_directory(parent); !synced) return synced.error();
    return FolderBuilder(parent, std::move(name), std::move(path));
}

Result<void> FolderBuilder::take_input(const Path& from) {
    const Path to = path_ / kInput;
    const auto there = file_exists(from);
    if (!there) return there.error();
    if (*there) return move_or_copy(from, to);
    const auto moved = file_exists(to);
    if (!moved) return moved.error();
    if (*moved) return {};
    return error(Errc::not_found, from.string() + " is gone, and " + to.string() + " is not there either");
}

Result<std::string> FolderBuilder::publish() {
    if (auto synced = for_each_entry(path_, sync_entry); !synced) return synced.error();
    if (auto synced = sync_directory(path_); !synced) return synced.error();
    for (std::uint64_t number = 1; number <= kNumberMax; ++number) {
        std::string name = published_name(name_, number);
        const auto renamed = rename_new(path_, parent_ / name);
        if (!renamed && renamed.error().code == boost::system::errc::file_exists) continue;
        if (!renamed) return renamed.error();
        if (auto synced = sync_directory(parent_); !synced) return synced.error();
        return name;
    }
    return error(Errc::too_large,
                 "a million folders for " + name_ + " in " + parent_.string() + ": remove some");
}

}  // namespace batchd::spool
