#pragma once

#include "store/tables/batches.hpp"

namespace batchd::store {

/// Completes the newest notice, which is about this batch that several jobs share: its text names the batch
/// and the first of them, and its `queue` is that of all of them, "late"; of several queues, with commas:
/// "late,nightly". To be called right behind the event, before anybody reads the notice. Errors: SQLite's.
Result<void> name_sharers(Database& database, BatchRowId batch);

}  // namespace batchd::store
