#pragma once

#include <vector>

#include "web/pages/job_page.hpp"

/// The files in a job's folder, which are all that is ever sent from the disk. Blocking, for the pool.
namespace batchd::web {

/// The files of the job that are there to be downloaded.
std::vector<JobFile> files_of(const store::Job& job);

/// Opens one of them. Errors: not_found for any other name, and where it is not there; a link is none.
Result<UniqueFd> open_job_file(const store::Job& job, const std::string& name);

}  // namespace batchd::web
