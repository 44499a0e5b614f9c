#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/settings.hpp"
#include "spool/layout.hpp"

namespace batchd {

/// Makes the folders of people and of the state where they are missing, and looks whether files can be moved
/// in those of people at all. Errors: errno, with what to do about it.
Result<void> make_folders(const config::Spool& spool, const spool::Layout& layout);

/// Looks whether something else has the name of a queue's folder. Errors: bad_input where it is a job's
/// folder, a link or a file, with what to do about it.
Result<void> expect_free_folders(const config::Settings& settings);

/// Makes the folders of the queues where they are missing, with the mode and the group of the inbox; one that
/// its queue names may drop and read there, and gets them where they are there, too; one that it had in
/// `before`, the queues until now, and has no more gives them back. Answers what failed; the others are made.
/// Errors: errno; as expect_free_folders().
using QueuesByName = std::map<std::string, config::Queue>;
std::vector<Error> make_queue_folders(const config::Settings& settings, const QueuesByName& before = {});

/// What to do about `error` where the sandbox of the service may be the cause: "" where it can't be. Pure.
std::string sandbox_remedy(const Error& error, const Path& folder);

}  // namespace batchd
