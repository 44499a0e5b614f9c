#pragma once

#include "store/store.hpp"

/// Cancelled jobs do not wait for what others share with them.
namespace batchd::engine {

/// The job leaves this shared batch: its requests there have failed and, with nothing else open, it is to be
/// delivered. False where it had left before. Part of the caller's transaction.
Result<bool> leave_shared(store::Store& store, store::BatchRowId batch, store::JobId job, TimePoint at);

/// The provider has this batch, or has it again: those of its jobs that were cancelled meanwhile leave. True
/// when there were any; never of one that is not shared. Part of the caller's transaction.
Result<bool> cancelled_ones_leave(store::Store& store, const store::Batch& batch, TimePoint at);

}  // namespace batchd::engine
