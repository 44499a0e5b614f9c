#include "jsonl/byte_window.hpp"

#include <cstring>

#include "base/disk/file.hpp"

namespace batchd::jsonl {

ByteWindow::ByteWindow(UniqueFd fd, std::size_t buffer_bytes)
    : fd_(std::move(fd)),
      capacity_(buffer_bytes),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes)) {}

Result<std::string_view> ByteWindow::take(std::size_t size) {
    large_.reset();
    const std::size_t have = end_ - begin_;
    std::size_t got = 0;
    // A piece that is larger than the buffer is rare, and does not make the buffer large for good: many
    // windows are open at once in a merge.
    if (size > capacity_) {
        large_ = std::make_unique_for_overwrite<char[]>(size);
        std::memcpy(large_.get(), buffer_.get() + begin_, have);
        begin_ = end_ = 0;
        const std::size_t rest = size - have;
        if (auto filled = fill(large_.get() + have, rest, rest, got); !filled) return filled.error();
        return std::string_view(large_.get(), size);
    }
    if (size > have) {
        // What is left is less than a piece, so moving it costs little beside the read.
        std::memmove(buffer_.get(), buffer_.get() + begin_, have);
        begin_ = 0;
        end_ = have;
        if (auto filled = fill(buffer_.get() + have, size - have, capacity_ - have, got); !filled)
            return filled.error();
        end_ += got;
    }
    begin_ += size;
    return std::string_view(buffer_.get() + begin_ - size, size);
}

Result<void> ByteWindow::fill(char* into, std::size_t size_min, std::size_t size_max, std::size_t& got) {
    for (got = 0; got < size_min;) {
        const auto more = read_some(fd_.get(), into + got, size_max - got);
        if (!more) return more.error();
        // Sizes come from an index that was written with the file, so an early end is damage.
        if (*more == 0) return error(Errc::corrupt, "file is shorter than its index says");
        got += *more;
    }
    return {};
}

}  // namespace batchd::jsonl
