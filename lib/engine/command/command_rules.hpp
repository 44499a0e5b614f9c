#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "store/tables/batches.hpp"
#include "store/tables/commands.hpp"
#include "store/tables/jobs.hpp"

/// When a job can be cancelled or retried. Pure; the daemon and the commands of people ask the same rules.
namespace batchd::engine {

/// "job 12 (articles)", printable.
std::string title(const store::Job& job);

/// Why a cancel would change nothing, in a sentence; nothing: the job can be cancelled.
std::optional<std::string> why_not_cancel(const store::Job& job);

/// Why no new job can come of a retry; nothing: it can. `earlier` is the job that sends the failed requests
/// again already, where there is one (Jobs::last_retry_of).
std::optional<std::string> why_not_retry(const store::Job& job, std::optional<store::JobId> earlier);

/// What is said where `folder`, in work/ or in the outbox, is of a job that sends them again and that the
/// database does not know.
std::string why_not_retry_unknown(const store::Job& job, const Path& folder);

/// Batches of the job that are held: what `abandon` is about.
std::vector<store::Batch> held_at_all(const std::vector<store::Batch>& batches);

/// Batches of the job whose create is in doubt and held: what `adopt` and `resend` are about.
std::vector<store::Batch> held_in_doubt(const std::vector<store::Batch>& batches);

/// Why abandon, adopt or resend would change nothing; nothing: it would. `batches`: all of the job.
std::optional<std::string> why_not(store::Verb verb, const store::Job& job,
                                   const std::vector<store::Batch>& batches);

/// What abandon, adopt or resend costs or loses, in a sentence, said before it is done.
std::string cost_of(store::Verb verb, const std::vector<store::Batch>& batches);

}  // namespace batchd::engine
