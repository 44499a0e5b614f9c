#include "spool/submit/inbox_drop.hpp"

#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/system/errc.hpp>

#include "spool/inbox/inbox_name.hpp"
#include "spool/move_file.hpp"

namespace batchd::spool {
namespace {

constexpr std::size_t kDropBlockBytes = 256 * 1024;
/// Whatever the umask says: the daemon is another user, of the inbox's group.
constexpr mode_t kDropMode = 0640;

}  // namespace

std::string drop_name(std::string_view given) {
    constexpr std::string_view kEnding = ".jsonl";
    if (given.ends_with(kEnding)) given.remove_suffix(kEnding.size());
    while (given.starts_with('.')) given.remove_prefix(1);
    return std::string(given);
}

InboxDrop::InboxDrop(UniqueFd fd, Path inbox, Path hidden, std::string name, FileId id)
    : fd_(std::move(fd)),
      inbox_(std::move(inbox)),
      hidden_(std::move(hidden)),
      name_(std::move(name)),
      id_(id) {}

InboxDrop::InboxDrop(InboxDrop&& other) noexcept
    : fd_(std::move(other.fd_)),
      inbox_(std::move(other.inbox_)),
      hidden_(std::exchange(other.hidden_, {})),
      name_(std::move(other.name_)),
      id_(other.id_) {}

InboxDrop::~InboxDrop() {
    if (!hidden_.empty()) ::unlink(hidden_.c_str());
}

Result<InboxDrop> InboxDrop::create(const Path& inbox, std::string name, DropWriter by) {
    Path hidden = inbox / new_hidden_name(by);
    auto fd = open_file(hidden, O_WRONLY | O_CREAT | O_EXCL, kDropMode);
    // Between the two it looks like one that is left. A file system that counts no names has us try in vain.
    for (int again = 0; again < 3 && fd && !hold_hidden(fd->get()); ++again) {
        hidden = inbox / new_hidden_name(by);
        fd = open_file(hidden, O_WRONLY | O_CREAT | O_EXCL, kDropMode);
    }
    if (!fd) return fd.error();
    const int file = fd->get();
    // From here on it is removed again where anything fails.
    InboxDrop drop(std::move(*fd), inbox, std::move(hidden), std::move(name), {});
    struct stat status{};
    if (::fchmod(file, kDropMode) != 0 || ::fstat(file, &status) != 0)
        return system_failure("make a file in " + inbox.string());
    drop.id_ = file_id(status);
    return drop;
}

Result<void> InboxDrop::append(std::string_view bytes) {
    if (auto written = write_all(fd_.get(), bytes); !written)
        return within("write to " + inbox_.string(), written.error());
    return {};
}

Result<void> InboxDrop::append_all_of(int fd) {
    std::vector<char> block(kDropBlockBytes);
    for (;;) {
        const auto got = read_some(fd, block.data(), block.size());
        if (!got) return got.error();
        if (*got == 0) return {};
        if (auto written = append({block.data(), *got}); !written) return written;
    }
}

Result<void> InboxDrop::finish() {
    if (auto synced = sync_file(fd_.get(), hidden_); !synced) return synced;
    // A file that somebody has open for writing is not taken: from here on it is open to be known by only.
    auto reading = open_file(hidden_, O_RDONLY);
    if (!reading) return reading.error();
    hold_hidden(reading->get());  // before the other is let go of
    fd_ = std::move(*reading);
    return {};
}

Result<bool> InboxDrop::publish() {
    auto renamed = rename_new(hidden_, inbox_ / file_name(name_));
    if (!renamed && renamed.error().code == boost::system::errc::file_exists) return false;
    if (!renamed) return renamed.error();
    hidden_.clear();
    ::flock(fd_.get(), LOCK_UN);  // it is the daemon's, and anybody may see who locks what
    if (auto synced = sync_directory(inbox_); !synced) return synced.error();
    return true;
}

Result<bool> InboxDrop::withdraw() {
    const Path named = inbox_ / file_name(name_);
    const Path hidden = inbox_ / new_hidden_name(DropWriter::submit);
    auto renamed = rename_new(named, hidden);
    if (!renamed && renamed.error().code == boost::system::errc::no_such_file_or_directory) return false;
    if (!renamed) return renamed.error();
    struct stat status{};
    if (::lstat(hidden.c_str(), &status) != 0 || file_id(status) != id_) {
        // Ours was taken, and this is somebody else's who came after it.
        if (auto back = rename_new(hidden, named); !back) return back.error();
        return false;
    }
    hidden_ = hidden;
    if (auto synced = sync_directory(inbox_); !synced) return synced.error();
    return true;
}

}  // namespace batchd::spool
