#include "base/disk/file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace batchd {
namespace {

Path temporary(const Path& path) {
    Path name = path;
    name += ".tmp";
    return name;
}

}  // namespace

Result<UniqueFd> open_file(const Path& path, int flags, unsigned mode) {
    for (;;) {
        const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
        if (fd >= 0) return UniqueFd(fd);
        if (errno != EINTR) return system_failure("open " + path.string());
    }
}

Result<std::size_t> read_some(int fd, char* into, std::size_t size) {
    for (;;) {
        const ssize_t got = ::read(fd, into, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return system_failure("read");
    }
}

Result<void> read_exactly_at(int fd, char* into, std::size_t size, std::uint64_t offset) {
    while (size > 0) {
        const ssize_t got = ::pread(fd, into, size, static_cast<off_t>(offset));
        // A signal came before the first byte: nothing was read, and nothing is wrong.
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure("read");
        // An index promised these bytes; to give back fewer would pass for an answer that is short.
        if (got == 0) return error(Errc::corrupt, "file is shorter than its index says");
        into += got;
        size -= static_cast<std::size_t>(got);
        offset += static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<void> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        // Likewise; what was written so far is behind `bytes` already.
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return system_failure("write");
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

Result<std::string> read_file(const Path& path, std::size_t size_max) {
    auto fd = open_file(path, O_RDONLY);
    if (!fd) return fd.error();
    std::string content;
    char block[16 * 1024];
    for (;;) {
        const auto got = read_some(fd->get(), block, sizeof block);
        if (!got) return within(path.string(), got.error());
        if (*got == 0) return content;
        if (content.size() + *got > size_max)
            return error(Errc::too_large,
                         path.string() + " has more than " + std::to_string(size_max) + " bytes");
        content.append(block, *got);
    }
}

Result<void> sync_file_system(int fd, const Path& path) {
    if (::syncfs(fd) != 0) return system_failure("sync the file system of " + path.string());
    return {};
}

Result<void> sync_file(int fd, const Path& path) {
    if (::fsync(fd) != 0) return system_failure("sync " + path.string());
    return {};
}

Result<void> sync_directory(const Path& directory) {
    auto fd = open_file(directory, O_RDONLY | O_DIRECTORY);
    if (!fd) return fd.error();
    return sync_file(fd->get(), directory);
}

Result<void> make_directory(const Path& path) {
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) return {};
    const Path parent = path.has_parent_path() ? path.parent_path() : Path(".");
    if (parent != path && path.has_parent_path())
        if (auto made = make_directory(parent); !made) return made;
    std::filesystem::create_directory(path, ec);
    if (ec) return Error{ec, "make directory " + path.string()};
    // What will be synced inside it is lost all the same when the power goes before its own name is safe.
    return sync_directory(parent);
}

Result<void> rename_file(const Path& from, const Path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0)
        return system_failure("rename " + from.string() + " to " + to.string());
    return {};
}

Result<void> note_in_link(const Path& link, const std::string& text) {
    if (::symlink(text.c_str(), link.c_str()) != 0 && errno != EEXIST && errno != EPERM)
        return system_failure("make " + link.string());
    return {};
}

Result<void> remove_file(const Path& path) {
    // What is gone already is as wanted: removals are made again after a crash.
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failure("remove " + path.string());
    return {};
}

Result<void> remove_tree(const Path& path) {
    std::error_code ec;
    std::filesystem::remove_all(path, ec);
    if (ec) return Error{ec, "remove " + path.string()};
    return {};
}

Result<bool> file_exists(const Path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return system_failure("look at " + path.string());
}

Result<FileWriter> FileWriter::create(const Path& path, std::size_t buffer_bytes) {
    auto fd = open_file(temporary(path), O_WRONLY | O_CREAT | O_TRUNC);
    if (!fd) return fd.error();
    return FileWriter(std::move(*fd), path, buffer_bytes);
}

FileWriter::FileWriter(UniqueFd fd, Path path, std::size_t buffer_bytes)
    : fd_(std::move(fd)),
      path_(std::move(path)),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes)),
      buffer_bytes_(buffer_bytes) {}

FileWriter::~FileWriter() {
    if (fd_) ::unlink(temporary(path_).c_str());  // not committed; a left-over would be harmless
}

Result<void> FileWriter::append(std::string_view bytes) {
    size_bytes_ += bytes.size();
    if (bytes.size() > buffer_bytes_ - buffered_) {
        if (auto flushed = flush(); !flushed) return flushed.error();
    }
    if (bytes.size() > buffer_bytes_) {
        if (auto written = write_all(fd_.get(), bytes); !written)
            return within(path_.string(), written.error());
        return {};
    }
    std::memcpy(buffer_.get() + buffered_, bytes.data(), bytes.size());
    buffered_ += bytes.size();
    return {};
}

Result<void> FileWriter::flush() {
    if (auto written = write_all(fd_.get(), {buffer_.get(), buffered_}); !written)
        return within(path_.string(), written.error());
    buffered_ = 0;
    return {};
}

Result<void> FileWriter::commit(Durable when) {
    if (auto flushed = flush(); !flushed) return flushed.error();
    // In this order: the content is durable before the name leads to it, and the name before anybody is
    // told. After a power cut there is the old file or the new one, whole.
    if (when == Durable::at_once)
        if (auto synced = sync_file(fd_.get(), path_); !synced) return synced.error();
    if (auto renamed = rename_file(temporary(path_), path_); !renamed) return renamed.error();
    fd_.reset();
    if (when == Durable::later) return {};
    return sync_directory(path_.parent_path());
}

Result<void> replace_file(const Path& path, std::string_view content, Durable when) {
    auto writer = FileWriter::create(path, 4096);
    if (!writer) return writer.error();
    if (auto appended = writer->append(content); !appended) return appended.error();
    return writer->commit(when);
}

}  // namespace batchd
