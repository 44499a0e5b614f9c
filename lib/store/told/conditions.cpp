#include "store/told/conditions.hpp"

#include <tuple>

namespace batchd::store {

/// In the order of the columns in both queries below.
static auto columns_of(Condition& c) {
    return std::tie(c.kind, c.about, c.since, c.text, c.job, c.files, c.remedy);
}

Result<void> Conditions::set(const Condition& condition, TimePoint at) {
    // The time is left as it is where the condition holds already: people are told how long they have waited,
    // and the reason may be found out anew at every try.
    return database_.run(
        "INSERT INTO conditions (kind, about, since, text, job_id, files, remedy)"
        " VALUES (?, ?, ?, ?, ?, nullif(?, 0), ?)"
        " ON CONFLICT (kind, about) DO UPDATE SET text = excluded.text, job_id = excluded.job_id,"
        " files = excluded.files, remedy = excluded.remedy",
        condition.kind, condition.about, at, condition.text, condition.job, condition.files,
        OrNull{condition.remedy});
}

Result<void> Conditions::clear(std::string_view kind, std::string_view about) {
    return database_.run("DELETE FROM conditions WHERE kind = ? AND about = ?", kind, about);
}

Result<void> Conditions::clear_all_but(std::string_view but_kind) {
    return database_.run("DELETE FROM conditions WHERE kind <> ?", but_kind);
}

// Times are whole seconds, so the names decide between what began together: two looks show one order.

Result<std::vector<Condition>> Conditions::all() {
    return database_.query<Condition>(
        "SELECT kind, about, since, text, job_id, files, remedy FROM conditions"
        " ORDER BY since, kind, about");
}

Result<std::vector<Condition>> Conditions::of_job(JobId job) {
    return database_.query<Condition>(
        "SELECT kind, about, since, text, job_id, files, remedy FROM conditions WHERE job_id = ?1"
        " OR about IN (SELECT 'batch ' || batch FROM parts WHERE job_id = ?1 AND left_at IS NULL)"
        " ORDER BY since, kind, about",
        job);
}

}  // namespace batchd::store
