#pragma once

#include <optional>

#include <sys/types.h>

#include "base/disk/file.hpp"

/// Folders in a place where others may write as well.
namespace batchd::spool {

/// Opens a folder that we made; nothing where there is none of that name, or it is a link, no folder, or
/// somebody else's. Errors: errno.
Result<std::optional<UniqueFd>> open_own_folder(const Path& path);

/// True when what we make in `parent` belongs to `owner`: to us, or to whom its file system gives everything.
/// Errors: errno.
Result<bool> is_our_owner(const Path& parent, uid_t owner);

/// A path into an open folder that no rename of the folder leads elsewhere; `path` where there is no /proc.
Path path_through(const UniqueFd& folder, const Path& path);

}  // namespace batchd::spool
