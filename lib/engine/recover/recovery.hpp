#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

/// Builds the state again from what lies on disk, when the database is lost.
///
/// work/ says what each open job was split into, and which batches it has; the outbox and rejected/ say how
/// the ended ones ended. What work/ can't say, whether a create took effect whose answer never came, the
/// daemon asks of the provider's listings before it sends anything of a recovered job (lost_attempts.hpp).
namespace batchd::engine {

struct RecoveryReport {
    std::uint64_t open = 0;           ///< jobs that will go on
    std::uint64_t ended = 0;          ///< jobs of which only the record is made again
    std::vector<std::string> left{};  ///< what could not be understood, each a sentence; it stays where it is
};

/// Adds each job that is on disk and not in the database, all in one transaction. A file that was not planned
/// yet gets the terms that hold now for its queue, and is left alone where there is no such queue; a job of
/// which nothing was sent waits in its queue again, where that has rules for it. Errors: errno, SQLite's.
Result<RecoveryReport> recover(const spool::Layout& layout, const config::Settings& settings,
                               store::Store& store, TimePoint now);

/// Keys of the folders in work/ that hold files of a job. Errors: errno.
Result<std::vector<std::string>> jobs_at_work(const spool::Layout& layout);

/// Those of jobs_at_work() that the database does not know. Errors: errno, SQLite's.
Result<std::vector<std::string>> unknown_work(const spool::Layout& layout, store::Store& store);

}  // namespace batchd::engine
