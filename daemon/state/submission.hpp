#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "spool/submit/inbox_drop.hpp"
#include "store/tables/jobs.hpp"

namespace batchd {

/// A file that is submitted.
struct Submission {
    Path file;  ///< as it was named
    spool::InboxDrop drop;
    std::optional<store::JobId> job;
};

/// Copies each file to where the daemon does not see it yet; `names` are those of their jobs. What is
/// destroyed before it is published leaves nothing behind. Errors: errno, of the first that can't be copied.
Result<std::vector<Submission>> copy_all(const std::vector<Path>& files,
                                         const std::vector<std::string>& names, const Path& inbox);

/// Gives all copies their names, or none: where one gets none, those before it are taken back as far as
/// nobody has taken them. A name that waits in the inbox is waited for a moment where a daemon may be about
/// to take it; else the copy gets a number behind its own. An interrupt waits meanwhile. Errors: errno, with
/// what is submitted all the same.
Result<void> publish_all(std::vector<Submission>& submissions, bool daemon_may_run);

}  // namespace batchd
