#include "store/query/job_search.hpp"

namespace batchd::store {

Result<std::vector<JobOverview>> search_jobs(Database& database, const JobSearch& search) {
    // By number, downwards: the page after this one begins where this ends, whatever has come meanwhile.
    const auto ids = database.query<JobId>(
        "SELECT id FROM jobs WHERE (?1 = 0 OR id < ?1) AND (?2 = '' OR queue = ?2)"
        " AND (?3 = '' OR state = ?3 OR (?3 = 'open' AND finished_at IS NULL)"
        "      OR (?3 = 'ended' AND finished_at IS NOT NULL))"
        " AND (?4 = '' OR instr(lower(name), lower(?4)) > 0 OR CAST(id AS TEXT) = ?4"
        "      OR EXISTS (SELECT 1 FROM batches b JOIN parts p ON p.batch = b.id"
        "          WHERE b.batch_id = ?4 AND p.job_id = jobs.id))"
        " ORDER BY id DESC LIMIT ?5",
        search.before, search.queue, search.state, search.text, search.count_max);
    if (!ids) return ids.error();
    return look_at_jobs(database, *ids);
}

}  // namespace batchd::store
