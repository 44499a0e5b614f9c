#include "web/state/state_reader.hpp"

#include <sys/stat.h>

namespace batchd::web {
namespace {

/// So many versions of a connection's, before it has to be opened anew, that two of them never look alike.
constexpr std::int64_t kVersionsMax = std::int64_t{1} << 32U;

}  // namespace

Result<store::Store*> StateReader::look() {
    struct stat status{};
    // Before it is opened: where it is replaced in between, the next look sees another file and opens once
    // more.
    const bool is_there = ::stat(database_.c_str(), &status) == 0;
    // A database that was built again is another file: this one would show the old one for ever.
    if (store_ && is_there && status.st_dev == device_ && status.st_ino == inode_) return store_.get();
    store_.reset();
    auto opened = open_();
    // It may be there at the next look: the page starts before the daemon, and outlives its upgrades.
    if (!opened) return opened.error();
    // A second lock beside the read-only opening: no statement of the page can write, whatever a mistake
    // makes of it.
    if (auto set = (*opened)->database.execute("PRAGMA query_only = ON"); !set) return set.error();
    store_ = std::move(*opened);
    device_ = status.st_dev;
    inode_ = status.st_ino;
    ++times_opened_;
    return store_.get();
}

Result<std::int64_t> StateReader::version() {
    const auto store = look();
    if (!store) return store.error();
    // Counted by SQLite for this connection, so a new one begins anew; the number of openings stands before
    // it.
    const auto version = (*store)->database.query_value<std::int64_t>("PRAGMA data_version");
    if (!version) {
        forget();
        return version.error();
    }
    return times_opened_ * kVersionsMax + *version;
}

}  // namespace batchd::web
