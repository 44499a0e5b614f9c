#pragma once

#include "base/disk/file.hpp"

namespace batchd {

/// What `batchd check` is to read: open, at its beginning, and fit to be read more than once.
struct CheckInput {
    UniqueFd file;
    bool is_stream = false;  ///< `file` is a copy of what can be read once only, and has no name
};

/// Whatever `batchd submit` takes: a file, a link to one, a pipe that a shell names. Waits for the end of a
/// stream. Errors: errno.
Result<CheckInput> open_check_input(const Path& path);

/// Likewise what comes by standard input.
Result<CheckInput> open_standard_input();

}  // namespace batchd
