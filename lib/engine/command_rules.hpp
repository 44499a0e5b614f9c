#pragma once

#include <optional>
#include <string>

#include "store/jobs.hpp"

/// When a job can be cancelled or retried. Pure; the daemon and the commands of people ask the same rules.
namespace batchd::engine {

/// "job 12 (articles)", printable.
std::string title(const store::Job& job);

/// Why a cancel would change nothing, in a sentence; nothing: the job can be cancelled.
std::optional<std::string> why_not_cancel(const store::Job& job);

/// Why no new job can come of a retry; nothing: it can. `earlier` is the job that sends the failed requests
/// again already, where there is one (Jobs::last_retry_of).
std::optional<std::string> why_not_retry(const store::Job& job, std::optional<store::JobId> earlier);

}  // namespace batchd::engine
