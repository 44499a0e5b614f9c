#pragma once

#include "base/disk/file.hpp"
#include "base/result.hpp"

namespace batchd {

/// For commands that write to the state: when root runs them, they go on as the owner of the directory, for
/// what root makes there the service could not write. Nothing changes for anybody else, or where the
/// directory is root's or not there yet. Before any thread is started. Errors: errno.
Result<void> become_owner_of(const Path& state_directory);

}  // namespace batchd
