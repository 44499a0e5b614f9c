#include "engine/command/command_rules.hpp"

#include <algorithm>

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
    return std::nullopt;
}

std::optional<std::string> why_not_retry(const store::Job& job, std::optional<store::JobId> earlier) {
    if (!store::is_final(job.state))
        return title(job) + " has not ended yet (" + std::string(to_string(job.state)) +
               "); what is worth another try is sent again without being asked for";
    if (job.state == JobState::rejected)
        return title(job) + " was rejected, so nothing of it was sent; mend the file in " +
               printable(job.delivered_to) + " and drop it again";
    // Its file was never read, so that there are no errors that would name the requests.
    if (job.state == JobState::cancelled && job.requests == 0)
        return title(job) +
               " was cancelled before its file was read, so nothing of it was sent; drop input.jsonl of " +
               printable(job.delivered_to) + " again";
    if (job.state != JobState::done && job.succeeded + job.failed == 0)
        return title(job) + " has no request that is known to have been sent; look into " +
               printable(job.delivered_to) + ", and drop its input.jsonl again where it has no answers";
    if (job.failed == 0) return title(job) + " has no failed request; there is nothing to retry";
    if (earlier)
        return "the failed requests of " + title(job) + " were sent again as job " +
               std::to_string(earlier->value) + " already; retry that one";
    return std::nullopt;
}

std::string why_not_retry_unknown(const store::Job& job, const Path& folder) {
    return "the failed requests of " + title(job) +
           " may have been sent again already: " + printable(folder.string()) +
           " is of a job that the database does not know; stop batchd and run `batchd recover`";
}

std::vector<store::Batch> held_at_all(const std::vector<store::Batch>& batches) {
    std::vector<store::Batch> held;
    for (const store::Batch& batch : batches)
        // One that the job has left is held for others.
        if (!batch.held.empty() && !batch.left_at) held.push_back(batch);
    return held;
}

std::vector<store::Batch> held_in_doubt(const std::vector<store::Batch>& batches) {
    std::vector<store::Batch> doubts;
    for (store::Batch& batch : held_at_all(batches))
        // Held in any other phase, it is known to be there or not to be: there is nothing to adopt or to send
        // again.
        if (batch.phase == store::BatchPhase::creating) doubts.push_back(std::move(batch));
    return doubts;
}

namespace {

std::uint64_t count_requests(const std::vector<store::Batch>& batches) {
    std::uint64_t requests = 0;
    for (const store::Batch& batch : batches) requests += batch.requests;
    return requests;
}

bool is_any_shared(const std::vector<store::Batch>& batches) {
    return std::any_of(batches.begin(), batches.end(), [](const auto& batch) { return batch.is_shared(); });
}

std::string what_it_costs(store::Verb verb, const std::vector<store::Batch>& held) {
    const std::uint64_t count = count_requests(held);
    const std::string requests = count_of(count, "request", "requests");
    if (verb == store::Verb::abandon)
        return requests + " of " + count_of(held.size(), "batch", "batches") + " that is held " +
               (count == 1 ? "ends" : "end") +
               " as batch_gone; what runs of it at the provider is charged, and its answers are not fetched";
    if (verb == store::Verb::resend)
        return requests +
               " are sent again; if the create that is in doubt took effect after all, they are paid "
               "twice";
    return "the answers of that batch are taken for those of " + requests +
           "; nothing is sent, and what it costs is spent already";
}

}  // namespace

std::optional<std::string> why_not(store::Verb verb, const store::Job& job,
                                   const std::vector<store::Batch>& batches) {
    if (store::is_final(job.state))
        return title(job) + " has ended as " + std::string(to_string(job.state)) + "; nothing of it is held";
    if (held_at_all(batches).empty()) return "no batch of " + title(job) + " is held";
    if (verb != store::Verb::abandon && held_in_doubt(batches).empty())
        return "no create of " + title(job) + " is in doubt: what is held has a batch at the provider; " +
               "`batchd abandon " + std::to_string(job.id.value) + "` gives it up";
    return std::nullopt;
}

std::string cost_of(store::Verb verb, const std::vector<store::Batch>& batches) {
    // Each verb is about what it acts on: all that is held, or only what is in doubt.
    const auto held = verb == store::Verb::abandon ? held_at_all(batches) : held_in_doubt(batches);
    if (!is_any_shared(held)) return what_it_costs(verb, held);
    // What a batch came to is one thing for all of it; what is given up is each job's own.
    return what_it_costs(verb, held) + (verb == store::Verb::abandon
                                            ? "; other jobs that share it are not touched"
                                            : "; and so it is for the jobs that share it");
}

}  // namespace batchd::engine
