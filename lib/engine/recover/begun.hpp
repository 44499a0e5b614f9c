#pragma once

#include <set>
#include <string>

#include "base/result.hpp"
#include "spool/layout.hpp"

/// What work/ shows of jobs whose rows are lost: which of them were on their way to a provider already, and
/// which were still waiting in their queues.
namespace batchd::engine {

/// Keys of the jobs whose requests are in a bundle. Errors: errno; corrupt.
Result<std::set<std::string>> bundled_jobs(const spool::Layout& layout);

/// True when the job's folder has more than its plan and what was prepared by it: the note of a batch, what
/// was downloaded, a second attempt. Errors: errno.
Result<bool> has_begun(const spool::Layout& layout, const std::string& job_key);

}  // namespace batchd::engine
