#include "store/query/find_dropped.hpp"

namespace batchd::store {

Result<std::optional<JobId>> find_dropped(Database& database, const DroppedFile& file) {
    // Inode numbers are used again, so jobs from before don't count; but a claim that came to nothing is
    // forgotten, and its number is given once more: the newest of them may be ours.
    return database.query_first<JobId>(
        "SELECT id FROM jobs WHERE id >= ? AND device = ? AND inode = ? AND created_at >= ? ORDER BY id",
        file.newest, file.device, file.inode, file.at);
}

}  // namespace batchd::store
