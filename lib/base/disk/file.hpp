#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/disk/fd.hpp"
#include "base/result.hpp"

namespace batchd {

using Path = std::filesystem::path;

/// Opens with O_CLOEXEC added; retries EINTR. Errors: errno, with the path as context.
Result<UniqueFd> open_file(const Path& path, int flags, unsigned mode = 0640);

/// Reads up to `size` bytes at the descriptor's position; 0 is the end of the file.
Result<std::size_t> read_some(int fd, char* into, std::size_t size);

/// Reads exactly `size` bytes at `offset`. Errors: errno, corrupt when the file ends before.
Result<void> read_exactly_at(int fd, char* into, std::size_t size, std::uint64_t offset);

/// All of it, at the descriptor's position. Not durable. Errors: errno; a part may have been written. All of
/// it, in as many calls as it takes. Errors: errno.
Result<void> write_all(int fd, std::string_view bytes);

/// The whole file. Errors: errno, too_large above `size_max` bytes.
Result<std::string> read_file(const Path& path, std::size_t size_max);

/// Content and metadata, as fsync(2). `path` is for the message. Makes the bytes durable, but not the name:
/// that is sync_directory()'s. Errors: errno, with `path` as context.
Result<void> sync_file(int fd, const Path& path);
/// Makes names that were created, renamed or removed in `directory` durable.
Result<void> sync_directory(const Path& directory);

/// Makes all that was written to the file system of `fd` durable, by whomever. Where many files were written
/// at once that is far quicker than to sync each; where somebody writes gigabytes beside them, it waits for
/// those. Errors: errno, which may be about a file of somebody else's (Linux 5.8 or later: before, none was
/// told).
Result<void> sync_file_system(int fd, const Path& path);

/// With parents, and durable; fine when it is there already.
Result<void> make_directory(const Path& path);
/// Replaces what is at `to`, in one step for whoever looks. Not durable before sync_directory().
Result<void> rename_file(const Path& from, const Path& to);
/// A note of a few words in one system call: a symbolic link that leads nowhere, whose target is the text.
/// Durable with its folder. One that is there stays; a file system without symbolic links does without.
Result<void> note_in_link(const Path& link, const std::string& text);
Result<void> remove_file(const Path& path);  ///< fine when it is not there
Result<void> remove_tree(const Path& path);  ///< fine when it is not there
Result<bool> file_exists(const Path& path);  ///< does not follow symbolic links

/// When what is written is safe from a power cut.
enum class Durable {
    at_once,
    later  ///< once whoever asked for that has synced the file and its folder; nobody relies on it before
};

/// Writes a file that nobody sees under its name before it is whole and durable: bytes go to "PATH.tmp", and
/// commit() syncs it, renames it and syncs the directory. Destroyed without commit(), it removes what it
/// wrote. Not safe to use from two threads at once.
class FileWriter {
public:
    /// Errors: errno. An old "PATH.tmp" of a crashed run is overwritten.
    static Result<FileWriter> create(const Path& path, std::size_t buffer_bytes = 256 * 1024);

    FileWriter(FileWriter&&) = default;
    FileWriter& operator=(FileWriter&&) = delete;
    ~FileWriter();

    /// Buffered. Errors: errno, such as a full disk; then it is not to be committed.
    Result<void> append(std::string_view bytes);
    /// Bytes appended so far.
    std::uint64_t size_bytes() const { return size_bytes_; }
    /// Once. When it returns the file has its name, and keeps it through a power cut; not yet with
    /// Durable::later.
    Result<void> commit(Durable when = Durable::at_once);

private:
    FileWriter(UniqueFd fd, Path path, std::size_t buffer_bytes);
    /// What is in the buffer, to the kernel.
    Result<void> flush();

    UniqueFd fd_;
    Path path_;
    std::unique_ptr<char[]> buffer_;  // not cleared: most files are far smaller
    std::size_t buffer_bytes_;
    std::size_t buffered_ = 0;
    std::uint64_t size_bytes_ = 0;
};

/// FileWriter for a small file that is at hand as a whole.
Result<void> replace_file(const Path& path, std::string_view content, Durable when = Durable::at_once);

}  // namespace batchd
