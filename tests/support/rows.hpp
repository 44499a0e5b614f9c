#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::testing {

/// The texts of a row file, an LF behind each; "" where there is none.
std::string texts_of(const Path& rows);

/// A number as the index of a row file has it, little endian.
std::string eight_bytes(std::uint64_t number);

/// A row file at `path` with the lines of `text`, numbered through from 1.
Path write_rows(const Path& path, std::string_view text);

}  // namespace batchd::testing
