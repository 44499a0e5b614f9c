#pragma once

#include <memory>
#include <string_view>

#include "base/disk/fd.hpp"
#include "base/result.hpp"

namespace batchd::jsonl {

/// Reads a file in pieces of known sizes through a buffer of fixed size.
class ByteWindow {
public:
    ByteWindow(UniqueFd fd, std::size_t buffer_bytes);

    /// The next `size` bytes, valid until the next call. More than the buffer holds get memory of their own
    /// until then. Errors: errno, corrupt when the file ends before.
    Result<std::string_view> take(std::size_t size);
    /// Gives that memory back at once.
    void release() { large_.reset(); }
    int fd() const { return fd_.get(); }

private:
    /// Reads at least `size_min` bytes, and more where they come along; `got` is how many.
    Result<void> fill(char* into, std::size_t size_min, std::size_t size_max, std::size_t& got);

    UniqueFd fd_;
    std::size_t capacity_;
    std::unique_ptr<char[]> buffer_;
    std::unique_ptr<char[]> large_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace batchd::jsonl
