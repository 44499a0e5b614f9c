#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::spool {

/// Finds the folder of a job that a crash kept us from recording: the first of NAME, NAME.2, NAME.3 … in
/// `parent` for which `is_it` says so; numbers that are missing in between do not matter. Returns the
/// folder's name; nothing when there is none, or no `parent`. Errors: errno.
Result<std::optional<std::string>> find_published(const Path& parent, std::string_view name,
                                                  const std::function<Result<bool>(const Path&)>& is_it);

/// find_published() with has_job_key().
Result<std::optional<std::string>> find_published(const Path& parent, std::string_view name,
                                                  std::string_view key);

/// True when the folder's job.json has `"key": KEY`, or the last line of its reason.txt is `job key: KEY`.
/// What may not be read has no key, and nor has what somebody else made, or a link: others may write to the
/// outbox. Errors: errno, where it can't be read at the moment; then nobody knows.
Result<bool> has_job_key(const Path& folder, std::string_view key);

}  // namespace batchd::spool
