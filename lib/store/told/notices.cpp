#include "store/told/notices.hpp"

#include <tuple>

#include "base/uuid.hpp"

namespace batchd::store {

/// In the order of the columns in the query below.
static auto columns_of(Notice& n) {
    NoticeJob& j = n.job;
    return std::tie(n.id, n.key, n.at, n.type, n.text, n.target, j.id, j.name, j.queue, j.provider, j.state,
                    j.reason, j.folder, j.requests, j.succeeded, j.failed, j.input_tokens, j.output_tokens,
                    j.created_at, j.finished_at);
}

static auto columns_of(NoticePlace& place) {
    return std::tie(place.id, place.key, place.at);
}

Result<NoticePlace> Notices::place(std::int64_t id) {
    auto found = database_.query<NoticePlace>("SELECT id, key, at FROM notices WHERE id = ?", id);
    if (!found) return found.error();
    return found->empty() ? NoticePlace{.id = id, .key = {}} : std::move(found->front());
}

Result<NoticePlace> Notices::resume(const NoticePlace& stood) {
    auto here = place(stood.id);
    const auto newest = here ? this->newest() : Result<std::int64_t>(here.error());
    if (!newest) return newest.error();
    // The newest is never forgotten, so that a database in which it is older is another one.
    const bool is_another =
        stood.id > *newest || (!stood.key.empty() && !here->key.empty() && here->key != stood.key);
    // Who does not say when that was is asked to judge for himself, by `newest`.
    if (!is_another || !stood.at) return here;
    const auto seen = database_.query_value<std::int64_t>(
        "SELECT coalesce(max(id), 0) FROM notices WHERE at <= ?", *stood.at);
    if (!seen) return seen.error();
    return place(*seen);
}

Result<std::vector<Notice>> Notices::after(std::int64_t after, std::size_t count_max) {
    return database_.query<Notice>(
        "SELECT id, key, at, type, text, target, job_id, name, queue, provider, state, reason, folder,"
        " requests, succeeded, failed, input_tokens, output_tokens, created_at, finished_at"
        " FROM notices WHERE id > ? ORDER BY id LIMIT ?",
        after, count_max);
}

Result<std::int64_t> Notices::newest() {
    return database_.query_value<std::int64_t>("SELECT coalesce(max(id), 0) FROM notices");
}

Result<std::int64_t> Notices::add(TimePoint at, std::string_view type, std::string_view text,
                                  std::string_view target) {
    const std::string key = "msg_" + random_key();
    return database_.insert<std::int64_t>(
        "INSERT INTO notices (key, at, type, text, target) VALUES (?, ?, ?, ?, ?) RETURNING id", key, at,
        type, text, target);
}

}  // namespace batchd::store
