#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "engine/record/journal.hpp"
#include "engine/terms/terms.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

struct Mended {
    bool was_made = false;  ///< it was damaged, and is as it was
    Result<void> read{};    ///< what reading it came to, or comes to now
};

/// What was written of a job's requests, made again where it was damaged on our disk: nothing stands in it
/// that does not follow from the input and the terms. What can't be made again stays: the rows of a later
/// attempt, of a batch that files share and of a job that an earlier version has planned follow from more
/// than that, and an input that was altered makes others. Blocking; for the pool. Errors: errno, and as
/// scan_requests(), of making it again.
Result<Mended> mend_prepared(const spool::Layout& layout, const store::Job& job, const store::Batch& batch,
                             const Terms& terms);

/// The same in the pool, for whoever could not read them; told in the journal. False where they can't be read
/// all the same, for a reason that is theirs alone.
boost::asio::awaitable<bool> mend_rows(boost::asio::thread_pool& pool, const spool::Layout& layout,
                                       Journal& journal, const store::Job& job, const store::Batch& batch,
                                       const Terms& terms);

}  // namespace batchd::engine
