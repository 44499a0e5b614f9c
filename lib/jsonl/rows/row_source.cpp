#include "jsonl/rows/row_source.hpp"

#include <fcntl.h>

namespace batchd::jsonl {

Result<RowSource> RowSource::open(const Path& path) {
    auto fd = open_file(path, O_RDONLY);
    if (!fd) return fd.error();
    return RowSource(std::move(*fd), path);
}

Result<std::string_view> RowSource::text_at(std::uint64_t offset, std::uint64_t size) {
    // Grown to the longest row and kept, so that the rows after it cost no allocation.
    if (buffer_.size() < size) buffer_.resize(size);
    if (auto read = read_exactly_at(fd_.get(), buffer_.data(), size, offset); !read)
        return within(path_.string(), read.error());
    return std::string_view(buffer_.data(), size);
}

}  // namespace batchd::jsonl
