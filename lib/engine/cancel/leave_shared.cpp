#include "engine/cancel/leave_shared.hpp"

namespace batchd::engine {

Result<bool> leave_shared(store::Store& store, store::BatchRowId batch, store::JobId job, TimePoint at) {
    const auto has_left = store.parts.leave(batch, job, at);
    if (!has_left || !*has_left) return has_left;
    // No stage would come back to it where this was the last that was open.
    const auto delivered = store.parts.deliver_complete_jobs(batch);
    return delivered ? Result<bool>(true) : delivered.error();
}

Result<bool> cancelled_ones_leave(store::Store& store, const store::Batch& batch, TimePoint at) {
    if (!batch.is_shared()) return false;
    const auto cancelled = store.parts.any_cancelled(batch.id);
    if (!cancelled || !*cancelled) return cancelled;
    const auto parts = store.parts.of_batch(batch.id);
    if (!parts) return parts.error();
    bool any = false;
    for (const store::Part& part : *parts) {
        if (!part.cancel_asked_at || part.left_at) continue;
        const auto has_left = leave_shared(store, batch.id, part.job, at);
        if (!has_left) return has_left;
        any |= *has_left;
    }
    return any;
}

}  // namespace batchd::engine
