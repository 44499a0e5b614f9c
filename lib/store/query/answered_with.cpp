#include "store/query/answered_with.hpp"

namespace batchd::store {

Result<std::string> answered_with(Database& database, BatchRowId id) {
    return database.query_value<std::string>("SELECT coalesce(answered_with, '') FROM batches WHERE id = ?",
                                             id);
}

}  // namespace batchd::store
