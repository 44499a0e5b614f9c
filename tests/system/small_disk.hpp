#pragma once

#include <string>

#include "base/disk/file.hpp"

namespace batchd::testing {

/// A file system in memory, mounted on a directory for as long as it lives. Needs the right to mount.
class SmallDisk {
public:
    /// `size_bytes` in all. Makes the directory. On failure, why() says why.
    SmallDisk(Path on, std::uint64_t size_bytes);
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk();

    bool is_mounted() const { return why_.empty(); }
    const std::string& why() const { return why_; }

    /// Takes all room that is left.
    void fill();
    /// Gives it back.
    void free();
    enum class Access { read_only, read_write };
    /// False when the kernel refuses: somebody has a file open for writing.
    bool remount(Access access);

private:
    Path ballast() const { return on_ / "ballast"; }

    Path on_;
    std::string why_;
};

}  // namespace batchd::testing
