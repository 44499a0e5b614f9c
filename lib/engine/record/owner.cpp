#include "engine/record/owner.hpp"

#include "base/units.hpp"

namespace batchd::engine {
namespace {

/// What nobody is left to tell of goes on until the provider has ended it.
store::Job nobody(const store::Batch& batch) {
    store::Job job;
    job.key = batch.bundle;
    job.state = store::JobState::running;
    job.provider = batch.provider;
    job.created_at = batch.created_at;
    // As if all of them had cancelled: it is told to stop, and no request of it is sent again.
    job.cancel_asked_at = batch.created_at;
    return job;
}

}  // namespace

Result<std::optional<store::Job>> owner_of(store::Store& store, const store::Batch& batch) {
    if (!batch.is_shared()) return store.jobs.find(batch.job_id);
    const auto crowd = store.parts.crowd(batch.id);
    if (!crowd) return crowd.error();
    if (crowd->jobs == 0) return std::optional(nobody(batch));
    auto first = store.jobs.find(crowd->first);
    if (!first || !*first) return first;
    store::Job& job = **first;
    job.key = batch.bundle;
    if (crowd->jobs > 1) job.name += " and " + count_of(crowd->jobs - 1, "other", "others");
    // One of them who leaves stops nothing for the others.
    job.cancel_asked_at = crowd->given_up == crowd->jobs ? crowd->given_up_at : std::nullopt;
    return first;
}

Result<bool> must_not_be_sent(store::Store& store, const store::Batch& batch) {
    const auto cancelled = store.parts.any_cancelled(batch.id);
    if (!cancelled || *cancelled || !batch.is_shared()) return cancelled;
    const auto crowd = store.parts.crowd(batch.id);
    if (!crowd) return crowd.error();
    // The rows of a job that was removed, or has left, still stand in the file, and would be paid for nobody.
    return crowd->requests != batch.requests;
}

}  // namespace batchd::engine
