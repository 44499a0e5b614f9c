#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "store/tables/jobs.hpp"

/// The files in a job's folder, which are all that is ever sent from the disk. Blocking, for the pool.
namespace batchd::web {

/// A file of a job's folder that can be downloaded.
struct JobFile {
    std::string name;  ///< "output.jsonl"
    std::uint64_t size_bytes = 0;
};

/// The files of the job that are there to be downloaded.
std::vector<JobFile> files_of(const store::Job& job);

/// Opens one of them. Errors: not_found for any other name, and where it is not there; a link is none.
Result<UniqueFd> open_job_file(const store::Job& job, const std::string& name);

}  // namespace batchd::web
