#include "store/shared/bundles.hpp"

namespace batchd::store {

Result<bool> Bundles::knows(const std::string& bundle) {
    return database_.query_value<bool>(
        "SELECT EXISTS (SELECT 1 FROM batches WHERE bundle = ? AND bundle IS NOT NULL)", bundle);
}

Result<std::vector<BatchRowId>> Bundles::to_clean(const std::string& provider) {
    // This is asked whenever a job was cleaned, and a bundle may have fifty thousand, so it is asked first
    // what nearly always settles it: jobs are delivered in the order of their numbers, and as long as a
    // batch's last is open, nothing else matters. Then from the side of the jobs that are open, for the ended
    // are more.
    return database_.query<BatchRowId>(
        "SELECT min(id) FROM batches AS b WHERE bundle IS NOT NULL AND cleaned_at IS NULL AND provider = ?"
        " GROUP BY bundle HAVING NOT EXISTS"
        " (SELECT 1 FROM batches n WHERE n.bundle = b.bundle AND n.bundle IS NOT NULL AND n.phase <> "
        "'collected')"
        " AND NOT EXISTS"
        " (SELECT 1 FROM batches l CROSS JOIN jobs j ON j.id = (SELECT max(job_id) FROM parts WHERE batch = "
        "l.id)"
        "  WHERE l.bundle = b.bundle AND l.bundle IS NOT NULL AND j.state IN ('delivering', 'planned', "
        "'running'))"
        " AND NOT EXISTS"
        " (SELECT 1 FROM jobs j INDEXED BY jobs_open CROSS JOIN parts p ON p.job_id = j.id"
        "  CROSS JOIN batches o ON o.id = p.batch"
        "  WHERE j.state IN ('claimed', 'planned', 'running', 'delivering')"
        "  AND j.state IN ('delivering', 'planned', 'running') AND o.bundle = b.bundle)",
        provider);
}

Result<std::uint64_t> Bundles::count() {
    return database_.query_value<std::uint64_t>(
        "SELECT count(*) FROM batches WHERE bundle IS NOT NULL AND cleaned_at IS NULL");
}

Result<std::vector<BatchRowId>> Bundles::batches_of(const std::string& bundle) {
    return database_.query<BatchRowId>(
        "SELECT id FROM batches WHERE bundle = ? AND bundle IS NOT NULL ORDER BY shard, id", bundle);
}

Result<void> Bundles::remove_without_jobs() {
    return database_.run(
        "DELETE FROM batches WHERE bundle IS NOT NULL AND cleaned_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM parts WHERE batch = batches.id)");
}

Result<void> Bundles::record_cleaned(const std::string& bundle, TimePoint at) {
    auto done = database_.run("UPDATE batches SET cleaned_at = ? WHERE bundle = ?", at, bundle);
    if (!done) return done;
    // A row that only stood for jobs which are no more would be counted, and shown, for ever.
    return database_.run(
        "DELETE FROM batches WHERE bundle = ? AND NOT EXISTS (SELECT 1 FROM parts WHERE batch = batches.id)",
        bundle);
}

}  // namespace batchd::store
