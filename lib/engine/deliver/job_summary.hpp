#pragma once

#include <vector>

#include "base/disk/file.hpp"
#include "store/tables/batches.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::engine {

/// An ended job as its published folder tells it. What is in neither file, such as keys of batches, is left
/// at its default.
struct JobSummary {
    store::Job job;                       ///< `delivered_to` is the folder
    std::vector<store::Batch> batches{};  ///< without keys and row ids
};

/// Reads job.json of a folder in the outbox. Errors: errno; not_found when there is none; corrupt when it is
/// not one of batchd's, or has no final state.
Result<JobSummary> read_job_summary(const Path& folder);

/// Reads reason.txt of a folder in rejected/, named after the folder. Errors: likewise.
Result<JobSummary> read_rejection(const Path& folder);

}  // namespace batchd::engine
