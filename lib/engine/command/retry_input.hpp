#pragma once

#include <cstdint>
#include <string>

#include "base/disk/file.hpp"
#include "engine/terms/terms.hpp"
#include "spool/layout.hpp"
#include "store/tables/jobs.hpp"

/// The input of a job that sends the failed requests of another one again. Blocking; for the pool.
namespace batchd::engine {

struct RetryInput {
    std::uint64_t requests = 0;    ///< written; with 0 there is no file
    std::uint64_t size_bytes = 0;  ///< of the file
    std::uint64_t device = 0;      ///< likewise
    std::uint64_t inode = 0;       ///< likewise
};

/// Writes into the work directory of `key`, durably, the lines of the folder of `job`, which has ended, whose
/// requests failed: in their order and as they were written. Where an id is made of the line's number, blank
/// lines keep the numbers. Lines that can't be sent at all (what `batchd check` names) are left out. Can be
/// done again after a crash at any point. Errors: errno; no_such_file_or_directory where the folder is no
/// longer there; changed where input.jsonl is not what was sent.
Result<RetryInput> write_retry_input(const spool::Layout& layout, const std::string& key,
                                     const store::Job& job, const Terms& terms);

}  // namespace batchd::engine
