#include "provider/direct/journal/journal_file.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include <sys/stat.h>

#include "provider/direct/journal/journal_format.hpp"

namespace batchd::provider::direct {
namespace {

Result<void> write_at(int fd, std::string_view bytes, std::uint64_t offset, const Path& path) {
    while (!bytes.empty()) {
        const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return system_failure("write " + path.string());
        bytes.remove_prefix(static_cast<std::size_t>(put));
        offset += static_cast<std::uint64_t>(put);
    }
    return {};
}

Result<void> cut_file_at(int fd, std::uint64_t size, const Path& path) {
    if (::ftruncate(fd, static_cast<off_t>(size)) != 0) return system_failure("cut " + path.string());
    return {};
}

/// A gap as a blank line, which readers pass over.
Result<void> blank(int fd, Gap gap, const Path& path) {
    const std::string spaces(std::min<std::uint64_t>(gap.size, 64 * 1024), ' ');
    // From its end backwards, and the LF last, so that a crash in between leaves a gap that is found again.
    for (std::uint64_t left = gap.size - 1; left > 0;) {
        const auto part = std::min<std::uint64_t>(left, spaces.size());
        if (auto put = write_at(fd, std::string_view(spaces).substr(0, part), gap.offset + left - part, path);
            !put)
            return put.error();
        left -= part;
    }
    return write_at(fd, "\n", gap.offset + gap.size - 1, path);
}

Result<bool> is_shorter_than_head(const OpenedJournal& opened) {
    struct stat journal{};
    struct stat results{};
    if (::fstat(opened.journal.get(), &journal) != 0 || ::fstat(opened.results.get(), &results) != 0)
        return system_failure("look at " + opened.paths.journal.string());
    // A head that is cut off is one of a crash while it was first written: nothing was sent by then.
    const bool is_new = journal.st_size < static_cast<off_t>(kJournalHead.size());
    if (is_new && results.st_size > 0)
        return error(Errc::corrupt, opened.paths.results.string() + " has results, and " +
                                        opened.paths.journal.string() +
                                        ", which says whose they are, is empty: put it back");
    return is_new;
}

Result<void> begin(const OpenedJournal& opened) {
    const Path& path = opened.paths.journal;
    if (auto put = write_durably(opened.journal.get(), kJournalHead, 0, path); !put) return put.error();
    return sync_file(opened.results.get(), opened.paths.results);
}

/// A file whose folder was not synced may be gone after a power cut. Each time, and not only when they are
/// made: whoever made them may have died before it came to this.
Result<void> sync_names(const JournalPaths& paths) {
    if (auto synced = sync_directory(paths.journal.parent_path()); !synced) return synced.error();
    if (paths.results.parent_path() == paths.journal.parent_path()) return {};
    return sync_directory(paths.results.parent_path());
}

Result<void> mend(const OpenedJournal& opened) {
    const Replay& replay = opened.replay;
    const Path& results = opened.paths.results;
    for (const Gap& gap : replay.gaps)
        if (auto filled = blank(opened.results.get(), gap, results); !filled) return filled.error();
    if (auto cut = cut_file_at(opened.results.get(), replay.results_bytes, results); !cut) return cut.error();
    if (auto cut = cut_file_at(opened.journal.get(), replay.journal_bytes, opened.paths.journal); !cut)
        return cut.error();
    if (auto synced = sync_file(opened.results.get(), results); !synced) return synced.error();
    return sync_file(opened.journal.get(), opened.paths.journal);
}

}  // namespace

Result<void> write_durably(int fd, std::string_view bytes, std::uint64_t offset, const Path& path) {
    if (auto put = write_at(fd, bytes, offset, path); !put) return put.error();
    if (::fdatasync(fd) != 0) return system_failure("sync " + path.string());
    return {};
}

Result<OpenedJournal> open_journal(JournalPaths paths) {
    OpenedJournal opened;
    auto journal = open_file(paths.journal, O_RDWR | O_CREAT);
    if (!journal) return journal.error();
    auto results = open_file(paths.results, O_RDWR | O_CREAT);
    if (!results) return results.error();
    opened.journal = std::move(*journal);
    opened.results = std::move(*results);
    opened.paths = std::move(paths);

    if (auto synced = sync_names(opened.paths); !synced) return synced.error();
    const auto is_new = is_shorter_than_head(opened);
    if (!is_new) return is_new.error();
    if (*is_new)
        if (auto begun = begin(opened); !begun) return begun.error();
    auto replay = replay_journal(opened.journal.get(), opened.results.get(), opened.paths);
    if (!replay) return replay.error();
    opened.replay = std::move(*replay);
    // Before anything is appended: what comes next goes right behind what counts.
    if (auto mended = mend(opened); !mended) return mended.error();
    return opened;
}

}  // namespace batchd::provider::direct
