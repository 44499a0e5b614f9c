#include "store/conditions.hpp"

#include "store/rows.hpp"

namespace batchd::store {
namespace {

Result<std::vector<Condition>> read_all(Statement& statement) {
    std::vector<Condition> conditions;
    auto read = for_each_row(statement, [&](Statement& row) {
        Condition condition;
        condition.kind = row.text();
        condition.about = row.text();
        condition.since = row.time();
        condition.text = row.text();
        if (const std::int64_t job = row.integer(); job != 0) condition.job = JobId{job};
        condition.files = row.count();
        condition.remedy = row.text();
        conditions.push_back(std::move(condition));
    });
    if (!read) return read.error();
    return conditions;
}

}  // namespace

Result<void> Conditions::set(const Condition& condition, TimePoint at) {
    auto statement = database_.statement(
        "INSERT INTO conditions (kind, about, since, text, job_id, files, remedy) VALUES (?, ?, ?, ?, ?, ?, "
        "?)"
        " ON CONFLICT (kind, about) DO UPDATE SET text = excluded.text, job_id = excluded.job_id,"
        " files = excluded.files, remedy = excluded.remedy");
    if (!statement) return statement.error();
    return (*statement)
        ->bind(std::string_view(condition.kind))
        .bind(std::string_view(condition.about))
        .bind(at)
        .bind(std::string_view(condition.text))
        .bind(condition.job ? std::optional(condition.job->value) : std::nullopt)
        .bind(condition.files > 0 ? std::optional(static_cast<std::int64_t>(condition.files)) : std::nullopt)
        .bind_or_null(condition.remedy)
        .run();
}

Result<void> Conditions::clear(std::string_view kind, std::string_view about) {
    auto statement = database_.statement("DELETE FROM conditions WHERE kind = ? AND about = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(kind).bind(about).run();
}

Result<void> Conditions::clear_all_but(std::string_view but_kind) {
    auto statement = database_.statement("DELETE FROM conditions WHERE kind <> ?");
    if (!statement) return statement.error();
    return (*statement)->bind(but_kind).run();
}

Result<std::vector<Condition>> Conditions::all() {
    auto statement = database_.statement(
        "SELECT kind, about, since, text, job_id, files, remedy FROM conditions ORDER BY since, kind, about");
    if (!statement) return statement.error();
    return read_all(**statement);
}

Result<std::vector<Condition>> Conditions::of_job(JobId job) {
    auto statement = database_.statement(
        "SELECT kind, about, since, text, job_id, files, remedy FROM conditions WHERE job_id = ? ORDER BY "
        "since, kind, "
        "about");
    if (!statement) return statement.error();
    return read_all((*statement)->bind(job.value));
}

}  // namespace batchd::store
