#pragma once

#include <vector>

#include "base/disk/file.hpp"

namespace batchd::testing {

/// Root may read and move everything, which would hide what happens to somebody who may not. Where the test
/// runs as root it goes on as "nobody" as long as this lives, to whom `own` is given; any other user stays.
class WithoutRoot {
public:
    explicit WithoutRoot(const std::vector<Path>& own);
    WithoutRoot(const WithoutRoot&) = delete;
    WithoutRoot& operator=(const WithoutRoot&) = delete;
    ~WithoutRoot();

private:
    bool was_root_;
};

}  // namespace batchd::testing
