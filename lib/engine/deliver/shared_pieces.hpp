#pragma once

#include <string>

#include "spool/layout.hpp"
#include "store/shared/parts.hpp"

/// What a job has of a batch that it shares with others: taken out of the bundle's files, under the ids that
/// its own file has. Blocking; for the pool.
namespace batchd::engine {

struct SharedPiece {
    store::Parts::OfBundle part;
    /// Lines that nobody can read, and that name no request, may be shown to this job's people.
    bool shows_nameless = false;
};

/// Writes the row files `succeeded` and `failed` of the job's share, and `unreadable`, each where there is
/// any (see Layout::shared_file). Can be done again after a crash at any point. Errors: errno; corrupt when a
/// file is not as it was written.
Result<void> write_shared_piece(const spool::Layout& layout, const std::string& job_key,
                                const SharedPiece& piece);

}  // namespace batchd::engine
