#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "spool/layout.hpp"

/// What work/ shows of jobs whose rows are lost: which of them were on their way to a provider already, and
/// which were still waiting in their queues.
namespace batchd::engine {

/// Keys of the jobs whose requests are in a bundle, and when that was made. Errors: errno; corrupt.
Result<std::map<std::string, TimePoint>> bundled_jobs(const spool::Layout& layout);

/// When the job's folder got more than its plan and what was prepared by it: the note of a batch, what was
/// downloaded, a second attempt. Nothing where it has no more. Errors: errno.
Result<std::optional<TimePoint>> begun_at(const spool::Layout& layout, const std::string& job_key);

}  // namespace batchd::engine
