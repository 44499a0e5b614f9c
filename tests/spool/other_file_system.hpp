#pragma once

#include <cstdlib>
#include <string>

#include <sys/stat.h>

#include "base/disk/file.hpp"

namespace batchd::testing {

/// A directory of its own on another file system than `path`'s, in memory; path() is empty where the machine
/// has none.
class OtherFileSystem {
public:
    explicit OtherFileSystem(const Path& path) {
        std::string name = "/dev/shm/batchd-test-XXXXXX";
        struct stat here{};
        struct stat there{};
        if (::stat(path.c_str(), &here) != 0 || ::stat("/dev/shm", &there) != 0) return;
        if (here.st_dev != there.st_dev && ::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    OtherFileSystem(const OtherFileSystem&) = delete;
    OtherFileSystem& operator=(const OtherFileSystem&) = delete;
    ~OtherFileSystem() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }

    const Path& path() const { return path_; }

private:
    Path path_;
};

}  // namespace batchd::testing
