#include "store/query/find_dropped.hpp"

namespace batchd::store {

Result<std::optional<JobId>> find_dropped(Database& database, const DroppedFile& file) {
    // Inode numbers are used again, so jobs from before don't count; but a claim that came to nothing is
    // forgotten, and its number may be given once more after a restart: the newest of them may be ours. A
    // claim that is not concluded may still come to nothing, and its file go back into the inbox.
    return database.query_first<JobId>(
        "SELECT id FROM jobs WHERE id >= ? AND device = ? AND inode = ? AND created_at >= ?"
        " AND (state <> 'claimed' OR EXISTS"
        " (SELECT 1 FROM events WHERE job_id = jobs.id AND kind = 'job_claimed')) ORDER BY id",
        file.newest, file.device, file.inode, file.at);
}

}  // namespace batchd::store
