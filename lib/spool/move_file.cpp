#include "spool/move_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/system/errc.hpp>

namespace batchd::spool {
namespace {

namespace errc = boost::system::errc;

constexpr std::size_t kBlockBytes = 256 * 1024;

Result<void> copy_bytes(int from, FileWriter& to, std::uint64_t size_max) {
    // The descriptor may have been read from already.
    if (::lseek(from, 0, SEEK_SET) != 0) return system_failure("rewind");
    std::vector<char> block(kBlockBytes);
    while (to.size_bytes() < size_max) {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), size_max - to.size_bytes()));
        const auto got = read_some(from, block.data(), size);
        if (!got) return got.error();
        if (*got == 0) return {};
        if (auto put = to.append({block.data(), *got}); !put) return put.error();
    }
    return {};
}

Result<void> copy_across(const Path& from, const Path& to) {
    const auto fd = open_file(from, O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    if (auto copied = copy_durably(fd->get(), to); !copied) return copied.error();
    // Removed only now that the copy is durable: a power cut before leaves two files, and never none.
    return remove_file(from);
}

}  // namespace

Result<void> rename_new(const Path& from, const Path& to) {
    return rename_new_at(AT_FDCWD, from.string(), to);
}

Result<void> rename_new_at(int directory, const std::string& name, const Path& to) {
    const std::string context = "rename " + name + " to " + to.string();
    if (::renameat2(directory, name.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno != EINVAL && errno != ENOSYS) return system_failure(context);
    // NFS and some others know no flags. All our destinations are names that only we make, so looking first
    // will do.
    const auto there = file_exists(to);
    if (!there) return there.error();
    if (*there) return Error{errc::make_error_code(errc::file_exists), context};
    if (::renameat(directory, name.c_str(), AT_FDCWD, to.c_str()) != 0) return system_failure(context);
    return {};
}

Result<void> copy_durably(int from, const Path& to, std::uint64_t size_max) {
    struct stat original{};
    if (::fstat(from, &original) != 0) return system_failure("look at the original of " + to.string());
    auto writer = FileWriter::create(to, kBlockBytes);
    if (!writer) return writer.error();
    if (auto copied = copy_bytes(from, *writer, size_max); !copied)
        return within("copy to " + to.string(), copied.error());
    if (auto committed = writer->commit(); !committed) return committed.error();
    // The time of the original, by which people sort what they get back.
    const timespec times[2] = {original.st_atim, original.st_mtim};
    if (::utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
        return system_failure("set the time of " + to.string());
    return {};
}

Result<void> move_or_copy(const Path& from, const Path& to) {
    auto moved = rename_file(from, to);
    if (!moved && moved.error().code == errc::cross_device_link) moved = copy_across(from, to);
    if (!moved) return moved.error();
    // The new name before the old one's absence: a power cut may leave both names, never none.
    if (auto synced = sync_directory(to.parent_path()); !synced) return synced.error();
    return sync_directory(from.parent_path());
}

}  // namespace batchd::spool
