#pragma once

#include <string>

#include "store/sqlite/database.hpp"
#include "store/tables/batches.hpp"

namespace batchd::store {

/// The id of the batch with which the create of this row was answered, where that was not one of ours at
/// sight; else "".
Result<std::string> answered_with(Database& database, BatchRowId id);

}  // namespace batchd::store
