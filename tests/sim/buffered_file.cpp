#include "sim/buffered_file.hpp"

#include <fcntl.h>

namespace batchd::sim {

namespace {
constexpr std::size_t kBufferBytes = 1 << 20;
}

void BufferedFile::append(std::string_view bytes) {
    buffer_ += bytes;
    size_bytes_ += bytes.size();
    if (buffer_.size() >= kBufferBytes && outcome_) outcome_ = flush();
}

Result<void> BufferedFile::flush() {
    if (!fd_) {
        auto fd = open_file(path_, O_WRONLY | O_CREAT | O_TRUNC);
        if (!fd) return fd.error();
        fd_ = std::move(*fd);
    }
    auto written = write_all(fd_.get(), buffer_);
    buffer_.clear();
    return written;
}

Result<void> BufferedFile::finish() {
    if (outcome_) outcome_ = flush();
    return outcome_;
}

}  // namespace batchd::sim
