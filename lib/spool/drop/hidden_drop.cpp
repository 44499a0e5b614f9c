#include "spool/drop/hidden_drop.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/uuid.hpp"
#include "spool/drop/file_writers.hpp"

namespace batchd::spool {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSubmitPrefix = ".submit-", kPagePrefix = ".page-", kPart = ".part";
/// An earlier version holds nothing, and writes without such a pause.
constexpr Millis kStillWritten = 1h;

/// With the exclusive lock it is ours: nobody else holds it, and who begins to, sees that it is gone.
bool is_left(int fd, TimePoint now) {
    struct stat status{};
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0 || ::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    const Writers writers = writers_of(fd);
    if (writers == Writers::some || writers == Writers::none) return writers == Writers::none;
    return now - TimePoint(std::chrono::seconds(status.st_mtim.tv_sec)) > kStillWritten;
}

Result<void> remove_if_left(const Path& file, TimePoint now) {
    // Somebody may have put anything under the name: a FIFO must not hold us up, and a link leads elsewhere.
    const auto fd = open_file(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (!fd && fd.error().code == boost::system::errc::no_such_file_or_directory) return {};
    if (!fd) return fd.error();
    return is_left(fd->get(), now) ? remove_file(file) : Result<void>();
}

}  // namespace

std::string new_hidden_name(DropWriter writer) {
    return std::string(writer == DropWriter::page ? kPagePrefix : kSubmitPrefix) + random_key() +
           std::string(kPart);
}

bool is_hidden_name(std::string_view file_name) {
    return file_name.ends_with(kPart) &&
           (file_name.starts_with(kSubmitPrefix) || file_name.starts_with(kPagePrefix));
}

bool hold_hidden(int fd) {
    // Who looks for what is left has it for an instant only.
    while (::flock(fd, LOCK_SH) != 0 && errno == EINTR) {
    }
    struct stat status{};
    return ::fstat(fd, &status) == 0 && status.st_nlink > 0;
}

Result<void> remove_left_drops(const Path& inbox, const std::vector<std::string>& names, TimePoint now) {
    Result<void> all;
    for (const std::string& name : names)
        if (auto removed = remove_if_left(inbox / name, now); !removed) all = removed;
    return all;
}

Result<void> remove_left_drops(const Path& inbox, TimePoint now) {
    std::vector<std::string> names;
    std::error_code ec;
    std::filesystem::directory_iterator entry(inbox, ec);
    for (; !ec && entry != std::filesystem::directory_iterator(); entry.increment(ec))
        if (const std::string name = entry->path().filename().string(); is_hidden_name(name))
            names.push_back(name);
    if (ec) return Error{ec, inbox.string()};
    return remove_left_drops(inbox, names, now);
}

}  // namespace batchd::spool
