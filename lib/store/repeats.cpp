#include "store/repeats.hpp"

namespace batchd::store {

Result<void> Repeats::record(BatchRowId id, std::optional<TimePoint> watch_until) {
    auto statement = database_.statement(
        "UPDATE batches SET repeat_of = coalesce(repeat_of, intent_at), twins_until = coalesce(?, "
        "twins_until)"
        " WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(watch_until).bind(id.value).run();
}

Result<void> Repeats::watch(BatchRowId id, TimePoint until) {
    auto statement = database_.statement(
        "UPDATE batches SET twins_until = max(coalesce(twins_until, ''), ?) WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(until).bind(id.value).run();
}

Result<std::optional<TimePoint>> Repeats::watched_since(TimePoint now) {
    auto statement = database_.statement(
        "SELECT min(coalesce(repeat_of, submitted_at)) FROM batches WHERE twins_until > ?");
    if (!statement) return statement.error();
    (*statement)->bind(now);
    if (const auto row = (*statement)->step(); !row) return row.error();
    const auto since = (*statement)->optional_time();
    (*statement)->reset();
    return since;
}

Result<std::optional<BatchRowId>> Repeats::find_by_input_file(const std::string& file_id, TimePoint now) {
    auto statement = database_.statement(
        "SELECT id FROM batches WHERE input_file_id = ? AND twins_until > ? ORDER BY id DESC LIMIT "
        "1");
    if (!statement) return statement.error();
    (*statement)->bind(file_id).bind(now);
    const auto row = (*statement)->step();
    if (!row) return row.error();
    std::optional<BatchRowId> id;
    if (*row) id = BatchRowId{(*statement)->integer()};
    (*statement)->reset();
    return id;
}

}  // namespace batchd::store
