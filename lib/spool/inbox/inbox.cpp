#include "spool/inbox/inbox.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <tuple>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "spool/drop/drop_folder.hpp"
#include "spool/drop/hidden_drop.hpp"
#include "spool/inbox/inbox_name.hpp"
#include "spool/layout.hpp"

namespace batchd::spool {
namespace {

constexpr time_t kOnItsWaySeconds = 60;

LeftReason reason_of(mode_t mode) {
    if (S_ISLNK(mode)) return LeftReason::link;
    return S_ISDIR(mode) ? LeftReason::folder : LeftReason::special;
}

/// lstat in an open directory; nothing when the name is gone.
Result<std::optional<struct stat>> status_of(int directory, const std::string& name) {
    struct stat status{};
    // Links are not followed: one may lead to a file that its maker could not read, and that we can.
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return std::optional(status);
    if (errno == ENOENT) return std::optional<struct stat>();
    return system_failure("look at " + name + " in the inbox");
}

/// A hidden file that somebody has left: writers that rename what is whole use such names for a while.
bool is_left(int directory, const std::string& name) {
    const auto status = status_of(directory, name);
    return status && *status && S_ISREG((*status)->st_mode) &&
           (*status)->st_mtim.tv_sec + kOnItsWaySeconds <= ::time(nullptr);
}

/// A name that is not for us. `is_folder` as far as the directory says so: but for a hidden one, no file is
/// looked at for it.
void leave(int directory, std::string name, NameVerdict verdict, bool is_folder, InboxPage& page) {
    // Before the dot below, which these names begin with on purpose: they are ours, and are looked after.
    if (set_aside_key(name)) return page.set_aside.push_back(std::move(name));
    if (is_hidden_name(name)) return page.hidden.push_back(std::move(name));
    if (name.starts_with('.')) {
        if (!is_folder && is_left(directory, name)) page.left.add(LeftReason::hidden, name);
        return;
    }
    if (is_folder) return page.left.add(LeftReason::folder, name);
    const bool unfinished = verdict == NameVerdict::temporary;
    page.left.add(unfinished ? LeftReason::temporary : LeftReason::extension, name);
}

/// Sorts a name that we take into `page`.
Result<void> look_into(int directory, std::string name, InboxPage& page) {
    const auto status = status_of(directory, name);
    if (!status) return status.error();
    if (!*status) return {};
    const struct stat& found = **status;
    if (S_ISREG(found.st_mode))
        page.candidates.push_back({std::move(name), file_id(found), file_stamp(found)});
    else
        page.left.add(reason_of(found.st_mode), name);
    return {};
}

bool is_older(const Candidate& a, const Candidate& b) {
    // What was dropped first goes first; the name only makes the order certain.
    return std::tie(a.stamp.mtime_ns, a.name) < std::tie(b.stamp.mtime_ns, b.name);
}

bool is_dots(std::string_view name) {
    return name == "." || name == "..";
}

}  // namespace

struct InboxScan::Directory {
    struct Close {
        void operator()(DIR* stream) const noexcept { ::closedir(stream); }
    };
    std::unique_ptr<DIR, Close> stream;
    Path path;
    std::set<std::string> known;
};

InboxScan::InboxScan(std::unique_ptr<Directory> directory) : directory_(std::move(directory)) {}
InboxScan::InboxScan(InboxScan&&) noexcept = default;
InboxScan& InboxScan::operator=(InboxScan&&) noexcept = default;
InboxScan::~InboxScan() = default;

Result<InboxScan> InboxScan::open(const Path& inbox, std::set<std::string> known) {
    auto fd = open_drop_folder(inbox);
    if (!fd) return fd.error();
    auto directory = std::make_unique<Directory>();
    directory->stream.reset(::fdopendir(fd->get()));
    if (!directory->stream) return system_failure("read " + inbox.string());
    fd->release();  // the stream owns it now
    directory->path = inbox;
    directory->known = std::move(known);
    return InboxScan(std::move(directory));
}

Result<InboxPage> InboxScan::next(std::size_t names_max) {
    DIR* const stream = directory_->stream.get();
    InboxPage page;
    page.more = true;
    for (std::size_t names = 0; names < names_max; ++names) {
        errno = 0;  // the only way to tell the end from a failure
        const dirent* const entry = ::readdir(stream);
        if (entry == nullptr && errno != 0) return system_failure("read " + directory_->path.string());
        page.more = entry != nullptr;
        if (!page.more) break;
        if (is_dots(entry->d_name) || directory_->known.contains(entry->d_name)) continue;
        page.is_empty = false;
        const NameVerdict verdict = classify_name(entry->d_name);
        // By the name alone, without a look at the file: a thousand files that are not ours cost no system
        // call each.
        if (verdict != NameVerdict::take)
            leave(::dirfd(stream), entry->d_name, verdict, entry->d_type == DT_DIR, page);
        else if (auto looked = look_into(::dirfd(stream), entry->d_name, page); !looked)
            return looked.error();
    }
    std::sort(page.candidates.begin(), page.candidates.end(), is_older);
    return page;
}

Result<std::optional<Candidate>> look_at(const Path& inbox, const std::string& name) {
    if (classify_name(name) != NameVerdict::take) return std::optional<Candidate>();
    const auto fd = open_drop_folder(inbox);
    if (!fd) return fd.error();
    InboxPage page;
    if (auto looked = look_into(fd->get(), name, page); !looked) return looked.error();
    if (page.candidates.empty()) return std::optional<Candidate>();
    return std::optional(std::move(page.candidates.front()));
}

Result<bool> is_empty_inbox(const Path& inbox) {
    auto scan = InboxScan::open(inbox);
    if (!scan) return scan.error();
    const auto page = scan->next();
    if (!page) return page.error();
    return page->is_empty;
}

Result<void> make_inbox(const Path& inbox) {
    const auto there = file_exists(inbox);
    if (!there) return there.error();
    if (*there) return {};
    if (auto made = make_directory(inbox); !made) return made.error();
    // mkdir(2) takes the umask off the mode and ignores the bit that hands the group on to what is dropped.
    if (::chmod(inbox.c_str(), 02775) != 0) return system_failure("set the mode of " + inbox.string());
    return {};
}

}  // namespace batchd::spool
