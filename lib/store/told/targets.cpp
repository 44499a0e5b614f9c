#include "store/told/targets.hpp"

#include <tuple>

namespace batchd::store {

/// In the order of the columns in both queries below.
static auto columns_of(Target& t) {
    return std::tie(t.name, t.notice, t.told_at, t.failing_since, t.error);
}

Result<Target> Targets::find_or_add(const std::string& name) {
    // A database that was built again counts its notices from 1.
    auto done = database_.run(
        "INSERT INTO targets (name, notice) VALUES (?, (SELECT coalesce(max(id), 0) FROM notices))"
        " ON CONFLICT (name) DO UPDATE SET notice = min(notice, excluded.notice)",
        name);
    if (!done) return done.error();
    auto found = database_.query_first<Target>(
        "SELECT name, notice, told_at, failing_since, error FROM targets WHERE name = ?", name);
    if (!found) return found.error();
    return std::move(found->value());
}

Result<std::vector<Target>> Targets::all() {
    return database_.query<Target>(
        "SELECT name, notice, told_at, failing_since, error FROM targets ORDER BY name");
}

Result<void> Targets::record_told(const std::string& name, std::int64_t notice, TimePoint at) {
    return database_.run(
        "UPDATE targets SET notice = ?, told_at = ?, failing_since = NULL, error = NULL WHERE name = ?",
        notice, at, name);
}

Result<void> Targets::record_passed(const std::string& name, std::int64_t notice) {
    return database_.run("UPDATE targets SET notice = ? WHERE name = ?", notice, name);
}

Result<void> Targets::record_failure(const std::string& name, std::string_view error, TimePoint at) {
    return database_.run(
        "UPDATE targets SET failing_since = coalesce(failing_since, ?), error = ? WHERE name = ?", at, error,
        name);
}

Result<void> Targets::remove(const std::string& name) {
    return database_.run("DELETE FROM targets WHERE name = ?", name);
}

}  // namespace batchd::store
