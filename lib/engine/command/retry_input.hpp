#pragma once

#include <cstdint>

#include "base/disk/file.hpp"
#include "engine/terms/terms.hpp"

/// The input of a job that sends the failed requests of another one again. Blocking; for the pool.
namespace batchd::engine {

struct RetryInput {
    std::uint64_t requests = 0;    ///< written; with 0 there is no file
    std::uint64_t size_bytes = 0;  ///< of the file
    std::uint64_t device = 0;      ///< likewise
    std::uint64_t inode = 0;       ///< likewise
};

/// Writes to `destination`, durably, the lines of FOLDER/input.jsonl whose ids stand in FOLDER/errors.jsonl,
/// in their order and as they were written. Where an id is made of the line's number, blank lines keep the
/// numbers. Lines that can't be sent at all (what `batchd check` names) are left out. Can be done again after
/// a crash at any point. `file_name` is what the first job's file was dropped as, `sha256` what is on record
/// of it ("": nothing is). Errors: errno; no_such_file_or_directory where the folder is no longer there;
/// changed where input.jsonl is not what was sent.
Result<RetryInput> write_retry_input(const Path& folder, const Path& destination,
                                     const std::string& file_name, const Terms& terms,
                                     const std::string& sha256 = {});

}  // namespace batchd::engine
