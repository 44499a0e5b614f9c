#pragma once

#include "base/disk/file.hpp"
#include "engine/plan/plan.hpp"

/// work/KEY/plan.json: what a job was split into, for the day on which the database is lost. It is there
/// before anything of the job is submitted. lib/FORMATS.md has its keys.
namespace batchd::engine {

/// Errors: errno. Durable when it returns.
Result<void> write_plan_file(const Path& path, const Plan& plan);

/// The totals and the shards; `problems` is empty. Errors: errno; not_found when it is not there; corrupt
/// when it is not as it was written.
Result<Plan> read_plan_file(const Path& path);

}  // namespace batchd::engine
