#include "store/store.hpp"

namespace batchd::store {

Result<std::unique_ptr<Store>> open_store(const Path& path, OpenMode mode) {
    auto database = Database::open(path, mode);
    if (!database) return database.error();
    return std::make_unique<Store>(std::move(*database));
}

}  // namespace batchd::store
