#pragma once

#include "base/clock.hpp"
#include "engine/plan/plan.hpp"
#include "store/tables/batches.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::engine {

/// The row of a shard that nothing was sent of yet: its first batch, which is to be uploaded.
store::Batch first_attempt(const store::Job& job, const Terms& terms, const Shard& shard, TimePoint now);

}  // namespace batchd::engine
