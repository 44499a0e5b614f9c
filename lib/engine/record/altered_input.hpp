#pragma once

#include <string_view>

#include "engine/record/journal.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// The job's file is no longer what was read of it: on record and told once, and in `job`. `how` is for
/// people. A transaction of its own. Errors: SQLite's.
Result<void> record_altered(store::Store& store, Journal& journal, store::Job& job, std::string_view how);

}  // namespace batchd::engine
