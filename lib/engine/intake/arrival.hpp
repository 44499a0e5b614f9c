#pragma once

#include "spool/layout.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::engine {

/// Whether the file of a claimed job has come into the work directory.
enum class Arrival {
    here,
    away,  ///< it is set aside in an inbox that is not there now
    never  ///< it was not taken: what is in the inbox, if anything, is another file
};

/// Finishes the claim of a job whose file is not in the work directory and on which nobody else is at work: a
/// crash came in the middle, or its queue was removed. Blocking; for the pool. Errors: errno, of a file that
/// is with us and can't be copied.
Result<Arrival> finish_arrival(const spool::Layout& layout, const Path& inbox, const store::Job& job);

}  // namespace batchd::engine
