#pragma once

#include <string>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::testing {

/// The texts of a row file, an LF behind each; "" where there is none.
std::string texts_of(const Path& rows);

/// A row file at `path` with the lines of `text`, numbered through from 1.
Path write_rows(const Path& path, std::string_view text);

}  // namespace batchd::testing
