#include "jsonl/rows/format/read_ahead.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>

namespace batchd::jsonl {

ReadAhead::ReadAhead(Path path, std::size_t buffer_bytes) : path_(std::move(path)), capacity_(buffer_bytes) {}

Result<std::string_view> ReadAhead::at(std::uint64_t offset, std::uint64_t size) {
    large_.reset();
    if (auto opened = size_of_file(); !opened) return opened.error();
    if (size > file_bytes_ || offset > file_bytes_ - size)
        return error(Errc::corrupt, path_.string() + " is shorter than its index says");
    if (size > capacity_) {
        // It does not make the buffer large for good, for many are open at once in a merge.
        large_ = std::make_unique_for_overwrite<char[]>(size);
        next_ = offset + size;
        if (auto done = read(large_.get(), size, offset); !done) return done.error();
        return std::string_view(large_.get(), size);
    }
    if (offset < begin_ || offset + size > end_) {
        const std::uint64_t block = block_at(offset, size);
        begin_ = end_ = 0;
        if (auto done = read(buffer_.get(), block, offset); !done) return done.error();
        begin_ = offset;
        end_ = offset + block;
    }
    next_ = offset + size;
    return std::string_view(buffer_.get() + (offset - begin_), size);
}

/// How much to read. A provider may answer in any order, and to read a whole block for each row would be a
/// hundred times as much as there is.
std::uint64_t ReadAhead::block_at(std::uint64_t offset, std::uint64_t size) {
    // What lies between may be blank lines, or rows of another shard.
    const bool goes_on = offset >= next_ && offset - next_ <= capacity_;
    block_ = goes_on ? std::min<std::uint64_t>(capacity_, std::max(4 * block_, size)) : size;
    return std::max(size, std::min(block_, file_bytes_ - offset));
}

Result<std::uint64_t> ReadAhead::size_of_file() {
    if (fd_) return file_bytes_;
    auto fd = open_file(path_, O_RDONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    struct stat status{};
    if (::fstat(fd->get(), &status) != 0) return system_failure("look at " + path_.string());
    file_bytes_ = static_cast<std::uint64_t>(status.st_size);
    capacity_ = static_cast<std::size_t>(std::min<std::uint64_t>(capacity_, file_bytes_));
    buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
    fd_ = std::move(*fd);
    return file_bytes_;
}

Result<void> ReadAhead::read(char* into, std::uint64_t size, std::uint64_t offset) {
    if (auto done = read_exactly_at(fd_.get(), into, size, offset); !done)
        return within(path_.string(), done.error());
    return {};
}

}  // namespace batchd::jsonl
