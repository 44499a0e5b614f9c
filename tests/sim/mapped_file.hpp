#pragma once

#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::sim {

/// A file's bytes as memory, for as long as the object lives. Nobody writes to the file meanwhile.
class MappedFile {
public:
    static Result<MappedFile> open(const Path& path);
    MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    MappedFile& operator=(MappedFile&&) = delete;
    ~MappedFile();
    std::string_view bytes() const { return bytes_; }

private:
    explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}
    std::string_view bytes_;
};

}  // namespace batchd::sim
