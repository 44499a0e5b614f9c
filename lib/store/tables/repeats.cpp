#include "store/tables/repeats.hpp"

namespace batchd::store {

Result<void> Repeats::record(BatchRowId id, std::optional<TimePoint> watch_until) {
    // Of several calls the first counts: whatever any of them made was made since then.
    return database_.run(
        "UPDATE batches SET repeat_of = coalesce(repeat_of, intent_at), twins_until = coalesce(?, "
        "twins_until)"
        " WHERE id = ?",
        watch_until, id);
}

Result<void> Repeats::watch(BatchRowId id, TimePoint until) {
    // A watch that lasts longer, for a call that was repeated, is not cut short by one for a single call.
    return database_.run("UPDATE batches SET twins_until = max(coalesce(twins_until, ''), ?) WHERE id = ?",
                         until, id);
}

Result<std::optional<TimePoint>> Repeats::watched_since(const std::string& provider, TimePoint now) {
    return database_.query_value<std::optional<TimePoint>>(
        "SELECT min(coalesce(repeat_of, submitted_at)) FROM batches WHERE twins_until > ? AND provider = ?",
        now, provider);
}

Result<std::optional<BatchRowId>> Repeats::find_by_input_file(const std::string& file_id, TimePoint now) {
    // Two attempts of a shard may use one file; the newest is the one whose create can have a twin. While
    // one of them is being created, what a list shows may be just that.
    return database_.query_first<BatchRowId>(
        "SELECT id FROM batches WHERE input_file_id = ?1 AND twins_until > ?2 AND NOT EXISTS"
        " (SELECT 1 FROM batches WHERE input_file_id = ?1 AND phase = 'creating') ORDER BY id DESC LIMIT 1",
        file_id, now);
}

}  // namespace batchd::store
