#include "engine/intake/late_input.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/disk/sha256.hpp"
#include "engine/attempt_key.hpp"
#include "engine/follow_up_job.hpp"
#include "engine/origin.hpp"
#include "spool/claim.hpp"
#include "spool/inbox/inbox_name.hpp"
#include "spool/inbox/writers.hpp"
#include "spool/move_file.hpp"

namespace batchd::engine {
namespace {

using Change = LateInput::Change;

constexpr std::size_t kBlockBytes = 256 * 1024;
// A small file is read again whatever its stamp says: the clock of a stamp is a coarse one.
constexpr std::uint64_t kSmallBytes = 1024 * 1024;

/// Calls `take` with the bytes from `from` to `to`, in pieces.
template <class Take>
Result<void> read_range(int fd, std::uint64_t from, std::uint64_t to, Take take) {
    std::vector<char> block(kBlockBytes);
    for (std::uint64_t at = from; at < to;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), to - at));
        if (auto read = read_exactly_at(fd, block.data(), size, at); !read) return read;
        if (auto taken = take(std::string_view(block.data(), size)); !taken) return taken;
        at += size;
    }
    return {};
}

Result<std::string> digest_of_start(int fd, std::uint64_t size_bytes) {
    Sha256 hash;
    auto read = read_range(fd, 0, size_bytes, [&](std::string_view bytes) -> Result<void> {
        hash.update(bytes);
        return {};
    });
    if (!read) return read.error();
    return hash.hex();
}

/// What has to be compared is the original where it is set aside: nobody else has the copy.
Result<Path> file_to_look_at(const spool::Layout& layout, const Path& inbox, const store::Job& job) {
    for (const Path& path : {spool::set_aside_path(inbox, job.name, job.key), layout.input(job.key)}) {
        const auto there = file_exists(path);
        if (!there) return there.error();
        if (*there) return path;
    }
    return Path();
}

bool stands_still(const spool::FileStamp& now, const store::Job& job, bool is_copied) {
    const auto then = spool::parse_stamp(job.input_stamp);
    if (!then || now.size_bytes <= kSmallBytes) return false;
    // The original is another file than the copy that was read, so that only what tells of its content can
    // agree.
    return is_copied ? spool::same_content(now, *then) : now == *then;
}

Result<Change> compare(int fd, const spool::FileStamp& now, const store::Job& job) {
    if (job.sha256.empty()) return Change::none;  // nothing to hold it against
    if (now.size_bytes < job.size_bytes) return Change::altered;
    const auto digest = digest_of_start(fd, job.size_bytes);
    if (!digest) return digest.error();
    if (*digest != job.sha256) return Change::altered;
    return now.size_bytes > job.size_bytes ? Change::grown : Change::none;
}

/// Of a regular file; nothing where there is none of that name.
Result<std::optional<spool::FileStamp>> stamp_of(const Path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) == 0)
        return S_ISREG(status.st_mode) ? std::optional(spool::file_stamp(status)) : std::nullopt;
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<spool::FileStamp>();
    return system_failure("look at " + path.string());
}

/// Of what was set aside; an empty one where there is nothing. Not waiting, for a pipe may have taken the
/// name.
Result<UniqueFd> open_original(const Path& inbox, const store::Job& job) {
    auto fd = open_file(spool::set_aside_path(inbox, job.name, job.key), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const bool is_gone = !fd && (fd.error().code == std::errc::no_such_file_or_directory ||
                                 fd.error().code == std::errc::not_a_directory);
    return is_gone ? Result<UniqueFd>(UniqueFd()) : std::move(fd);
}

bool is_blank(std::string_view bytes) {
    return bytes.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

Result<void> take_newest(const spool::Layout& layout, const Path& inbox, const store::Job& job) {
    const auto original = stamp_of(spool::set_aside_path(inbox, job.name, job.key));
    if (!original) return original.error();
    const auto copy = stamp_of(layout.input(job.key));
    if (!copy) return copy.error();
    if (!*original || !*copy || spool::same_content(**original, **copy)) return {};
    const auto fd = open_file(spool::set_aside_path(inbox, job.name, job.key), O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    return spool::copy_durably(fd->get(), layout.input(job.key));
}

Result<bool> is_still(const spool::Layout& layout, const Path& inbox, const store::Job& job,
                      const spool::FileStamp& stamp) {
    const auto original = stamp_of(spool::set_aside_path(inbox, job.name, job.key));
    if (!original) return original.error();
    const auto input = stamp_of(layout.input(job.key));
    if (!input) return input.error();
    return *input && spool::same_content(**input, stamp) &&
           (!*original || spool::same_content(**original, stamp));
}

Result<LateInput> look_for_late_input(const spool::Layout& layout, const Path& inbox, const store::Job& job) {
    LateInput late;
    const auto path = file_to_look_at(layout, inbox, job);
    if (!path) return path.error();
    if (path->empty()) return late;
    const auto aside = spool::look_for_set_aside(layout.work_directory(job.key), inbox, job.name, job.key);
    if (!aside) return aside.error();
    late.original = *aside;
    // A pipe that has taken its name meanwhile must not hold up a thread of the pool.
    const auto fd = open_file(*path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!fd) return fd.error();
    const auto now = spool::stamp(fd->get());
    if (!now) return now.error();
    late.file = *path;
    late.size_bytes = now->size_bytes;
    late.mtime_ns = now->mtime_ns;
    late.is_open = spool::writers_of(fd->get()) == spool::Writers::some;
    if (stands_still(*now, job, *path != layout.input(job.key))) return late;
    const auto change = compare(fd->get(), *now, job);
    if (!change) return within(path->string(), change.error());
    late.change = *change;
    return late;
}

Result<bool> original_is_open(const Path& inbox, const store::Job& job) {
    const auto fd = open_original(inbox, job);
    // Whose owner has closed it to us is not asked.
    if (!fd && fd.error().code == std::errc::permission_denied) return false;
    if (!fd) return fd.error();
    return *fd && spool::writers_of(fd->get()) == spool::Writers::some;
}

std::string rest_key(std::string_view job_key) {
    return attempt_key(job_key, {0, 0});
}

Result<void> keep_rest(const spool::Layout& layout, const store::Job& job, const LateInput& late) {
    const auto fd = open_file(late.file, O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    bool blank = true;
    const auto look = [&](std::string_view bytes) -> Result<void> {
        blank = blank && is_blank(bytes);
        return {};
    };
    if (auto read = read_range(fd->get(), job.size_bytes, late.size_bytes, look); !read) return read;
    // A job without any request would be rejected, for what an editor adds at the end of a file.
    if (blank) return {};
    const std::string key = rest_key(job.key);
    auto made = spool::make_work_directory(layout.work_directory(key), spool::file_name(job.name), job.queue);
    if (made) made = note_origin(layout, key, {Origin::Kind::rest, job.key});
    if (!made) return made;
    auto writer = FileWriter::create(layout.input(key));
    if (!writer) return writer.error();
    const auto write = [&](std::string_view bytes) { return writer->append(bytes); };
    if (auto read = read_range(fd->get(), job.size_bytes, late.size_bytes, write); !read) return read;
    return writer->commit();
}

Result<std::optional<store::Job>> find_rest(const spool::Layout& layout, const store::Job& job,
                                            TimePoint now) {
    std::string key = rest_key(job.key);
    const auto there = file_exists(layout.input(key));
    if (!there) return there.error();
    if (!*there) return std::optional<store::Job>();
    auto rest = follow_up_job(layout, std::move(key), job, now);
    if (!rest) return rest.error();
    return std::optional(std::move(*rest));
}

Result<void> let_go_of_original(const Path& inbox, const store::Job& job, const LateInput& late) {
    const Path original = spool::set_aside_path(inbox, job.name, job.key);
    if (late.file != original || late.change == Change::altered) return {};
    const auto fd = open_original(inbox, job);
    if (!fd) return fd.error();
    if (!*fd) return {};
    const auto now = spool::stamp(fd->get());
    if (!now) return now.error();
    // What was written after the look is in no job yet: to remove the file now would lose it.
    if (now->size_bytes != late.size_bytes || now->mtime_ns != late.mtime_ns)
        return error(Errc::changed, original.string() + " is being written to");
    return spool::remove_set_aside(inbox, job.name, job.key);
}

Result<void> let_go_of_rejected(const Path& inbox, const store::Job& job, const Path& copy) {
    const auto fd = open_original(inbox, job);
    if (!fd && fd.error().code == std::errc::permission_denied) return {};
    if (!fd) return fd.error();
    if (!*fd) return {};
    const auto now = spool::stamp(fd->get());
    if (!now) return now.error();
    const auto rejected = stamp_of(copy);
    if (!rejected) return rejected.error();
    const bool is_same = *rejected && spool::same_content(**rejected, *now);
    if (!is_same || spool::writers_of(fd->get()) == spool::Writers::some) return {};
    return spool::remove_set_aside(inbox, job.name, job.key);
}

}  // namespace batchd::engine
