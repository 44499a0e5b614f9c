#pragma once

#include <string>

#include "base/result.hpp"
#include "config/settings.hpp"
#include "spool/layout.hpp"

namespace batchd {

/// Makes the folders of people and of the state where they are missing, and looks whether files can be moved
/// in those of people at all. Errors: errno, with what to do about it.
Result<void> make_folders(const config::Spool& spool, const spool::Layout& layout);

/// Makes the folders of the queues where they are missing, each with the group that its queue names. Errors:
/// errno; bad_input where something else has the name: a link, somebody else's folder, or a job's.
Result<void> make_queue_folders(const config::Settings& settings);

/// What to do about `error` where the sandbox of the service may be the cause: "" where it can't be. Pure.
std::string sandbox_remedy(const Error& error, const Path& folder);

}  // namespace batchd
