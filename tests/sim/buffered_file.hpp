#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::sim {

/// Writes a file in large pieces. Nothing is synced: what the simulation keeps need not outlive it.
class BufferedFile {
public:
    explicit BufferedFile(Path path) : path_(std::move(path)) {}

    void append(std::string_view bytes);
    std::uint64_t size_bytes() const { return size_bytes_; }
    /// Writes the rest; the file is there afterwards, also when nothing was appended. Errors: the first
    /// errno.
    Result<void> finish();

private:
    Result<void> flush();

    Path path_;
    UniqueFd fd_;
    std::string buffer_;
    std::uint64_t size_bytes_ = 0;
    Result<void> outcome_;
};

}  // namespace batchd::sim
