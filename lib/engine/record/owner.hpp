#pragma once

#include <optional>

#include "store/store.hpp"

namespace batchd::engine {

/// Whose batch it is, as the stages see it: its job. Of a shared one, what stands for all of its jobs: the
/// first of them, with the bundle's key (whose folder in work/ has the files), a name that says how many they
/// are, and a cancel only when all of them have cancelled or left it. Nothing where the job is gone.
Result<std::optional<store::Job>> owner_of(store::Store& store, const store::Batch& batch);

/// True when the batch must not be sent as it is: a cancel was asked for its job, or one of them, or it has
/// requests of a job that is no more, or has left it.
Result<bool> must_not_be_sent(store::Store& store, const store::Batch& batch);

}  // namespace batchd::engine
