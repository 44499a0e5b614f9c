#pragma once

#include <vector>

#include "web/pages/frame.hpp"

namespace batchd::web {

/// A file of a job's folder that can be downloaded.
struct JobFile {
    std::string name;  ///< "output.jsonl"
    std::uint64_t size_bytes = 0;
};

/// What is live of a job: how far it is, and its batches. `status` is that of one job.
Html job_progress(const report::Status& status);
/// All of the page.
Html job_page(const Frame& frame, const report::Status& status, const std::vector<JobFile>& files);

}  // namespace batchd::web
