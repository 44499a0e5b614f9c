#pragma once

#include <string>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::testing {

/// A directory of its own for one test, removed with all that is in it.
class TempDir {
public:
    TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir();

    const Path& path() const { return path_; }
    /// Writes `content` to the file `name` in the directory and returns its path.
    Path write(std::string_view name, std::string_view content) const;

private:
    Path path_;
};

/// The whole file as a string; fails the test when it can't be read.
std::string slurp(const Path& path);

}  // namespace batchd::testing
