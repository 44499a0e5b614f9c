#include "engine/command_rules.hpp"

#include "base/log.hpp"

namespace batchd::engine {

using store::JobState;

std::string title(const store::Job& job) {
    return "job " + std::to_string(job.id.value) + " (" + printable(job.name) + ")";
}

std::optional<std::string> why_not_cancel(const store::Job& job) {
    if (store::is_final(job.state))
        return title(job) + " has ended as " + std::string(to_string(job.state)) +
               "; there is nothing to cancel";
    if (job.state == JobState::delivering)
        return title(job) + " has all its answers already; they are being put into the outbox";
    return std::nullopt;
}

std::optional<std::string> why_not_retry(const store::Job& job, std::optional<store::JobId> earlier) {
    if (!store::is_final(job.state))
        return title(job) + " has not ended yet (" + std::string(to_string(job.state)) +
               "); what is worth another try is sent again without being asked for";
    if (job.state == JobState::rejected)
        return title(job) + " was rejected, so nothing of it was sent; mend the file in " +
               printable(job.delivered_to) + " and drop it again";
    if (job.state == JobState::cancelled && job.requests == 0)
        return title(job) +
               " was cancelled before its file was read, so nothing of it was sent; drop input.jsonl of " +
               printable(job.delivered_to) + " again";
    if (job.failed == 0) return title(job) + " has no failed request; there is nothing to retry";
    if (earlier)
        return "the failed requests of " + title(job) + " were sent again as job " +
               std::to_string(earlier->value) + " already; retry that one";
    return std::nullopt;
}

}  // namespace batchd::engine
