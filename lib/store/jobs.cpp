#include "store/jobs.hpp"

#include "store/rows.hpp"

namespace batchd::store {
namespace {

Job read_job(Statement& row) {
    Job job;
    job.id = JobId{row.integer()};
    job.key = row.text();
    job.name = row.text();
    job.state =
        parse_job_state(row.text()).value_or(JobState::claimed);  // the schema's CHECK allows no other word
    job.reason = row.text();
    job.requests = row.count();
    job.succeeded = row.count();
    job.failed = row.count();
    job.size_bytes = row.count();
    job.sha256 = row.text();
    job.input_tokens = row.count();
    job.output_tokens = row.count();
    job.created_at = row.time();
    job.finished_at = row.optional_time();
    job.delivered_to = row.text();
    job.device = row.count();
    job.inode = row.count();
    job.recovered_at = row.optional_time();
    job.cancel_asked_at = row.optional_time();
    if (const std::int64_t of = row.integer(); of != 0) job.retry_of = JobId{of};
    job.input_changed = row.integer() != 0;
    return job;
}

/// Runs an INSERT … RETURNING id.
Result<JobId> inserted(Statement& statement) {
    const auto id = statement.run_for_id();
    if (!id) return id.error();
    return JobId{*id};
}

}  // namespace

Result<JobId> Jobs::add(const Job& job) {
    auto statement = database_.statement(
        "INSERT INTO jobs (key, name, state, bytes, created_at, device, inode, retry_of)"
        " VALUES (?, ?, 'claimed', ?, ?, ?, ?, ?)"
        " RETURNING id");
    if (!statement) return statement.error();
    (*statement)
        ->bind(job.key)
        .bind(job.name)
        .bind(job.size_bytes)
        .bind(job.created_at)
        .bind(job.device)
        .bind(job.inode)
        .bind(job.retry_of ? std::optional(job.retry_of->value) : std::nullopt);
    return inserted(**statement);
}

Result<std::optional<Job>> Jobs::find(JobId id) {
    auto statement = database_.statement(
        "SELECT id, key, name, state, reason, requests, succeeded, failed, bytes, sha256, input_tokens, "
        "output_tokens,"
        " created_at, finished_at, delivered_to, device, inode, recovered_at, cancel_asked_at, retry_of,"
        " input_changed FROM jobs WHERE id = ?");
    if (!statement) return statement.error();
    const auto row = (*statement)->bind(id.value).step();
    if (!row) return row.error();
    if (!*row) return std::optional<Job>();
    std::optional<Job> job = read_job(**statement);
    (*statement)->reset();
    return job;
}

Result<std::optional<Job>> Jobs::find_by_key(const std::string& key) {
    auto statement = database_.statement("SELECT id FROM jobs WHERE key = ?");
    if (!statement) return statement.error();
    (*statement)->bind(key);
    const auto ids = read_ids<JobId>(**statement);
    if (!ids) return ids.error();
    if (ids->empty()) return std::optional<Job>();
    return find(ids->front());
}

Result<JobId> Jobs::restore(const Job& job, std::optional<TimePoint> cleaned_at) {
    auto statement = database_.statement(
        "INSERT INTO jobs (id, key, name, state, reason, requests, succeeded, failed, bytes, sha256, "
        "input_tokens, output_tokens, created_at, finished_at, delivered_to, device, inode, cleaned_at, "
        "recovered_at, retry_of) VALUES (CASE WHEN ?1 > 0 AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = ?1) "
        "THEN ?1 "
        "END, "
        "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) RETURNING "
        "id");
    if (!statement) return statement.error();
    (*statement)
        ->bind(job.id.value)
        .bind(job.key)
        .bind(job.name)
        .bind(to_string(job.state))
        .bind_or_null(job.reason)
        .bind(job.requests)
        .bind(job.succeeded)
        .bind(job.failed)
        .bind(job.size_bytes)
        .bind_or_null(job.sha256)
        .bind(job.input_tokens)
        .bind(job.output_tokens)
        .bind(job.created_at)
        .bind(job.finished_at)
        .bind_or_null(job.delivered_to)
        .bind(job.device)
        .bind(job.inode)
        .bind(cleaned_at)
        .bind(job.recovered_at)
        .bind(job.retry_of ? std::optional(job.retry_of->value) : std::nullopt);
    return inserted(**statement);
}

Result<std::optional<TimePoint>> Jobs::oldest_open() {
    auto statement = database_.statement(
        "SELECT min(created_at) FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering')");
    if (!statement) return statement.error();
    if (const auto row = (*statement)->step(); !row) return row.error();
    const auto oldest = (*statement)->optional_time();
    (*statement)->reset();
    return oldest;
}

Result<JobId> Jobs::newest() {
    auto statement = database_.statement("SELECT coalesce(max(id), 0) FROM jobs");
    if (!statement) return statement.error();
    if (const auto row = (*statement)->step(); !row) return row.error();
    const JobId id{(*statement)->integer()};
    (*statement)->reset();
    return id;
}

Result<std::uint64_t> Jobs::count_all() {
    auto statement = database_.statement("SELECT count(*) FROM jobs");
    if (!statement) return statement.error();
    return read_count(**statement);
}

Result<std::vector<JobId>> Jobs::in_state(JobState state, std::size_t count_max) {
    auto statement = database_.statement(
        "SELECT id FROM jobs WHERE state = ? AND state IN ('claimed', 'planned', 'running', 'delivering')"
        " ORDER BY id LIMIT ?");
    if (!statement) return statement.error();
    (*statement)->bind(to_string(state)).bind(static_cast<std::uint64_t>(count_max));
    return read_ids<JobId>(**statement);
}

Result<void> Jobs::forget(JobId id) {
    auto statement = database_.statement("DELETE FROM jobs WHERE id = ? AND state = 'claimed'");
    if (!statement) return statement.error();
    return (*statement)->bind(id.value).run();
}

Result<void> Jobs::change_state(JobId id, JobState to) {
    const auto job = find(id);
    if (!job) return job.error();
    if (!*job || !may_change((*job)->state, to))
        return error(Errc::illegal, "job " + std::to_string(id.value) + " can't go from " +
                                        (*job ? std::string(to_string((*job)->state)) : "nowhere") + " to " +
                                        std::string(to_string(to)));
    auto statement = database_.statement("UPDATE jobs SET state = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(to_string(to)).bind(id.value).run();
}

Result<void> Jobs::record_plan(JobId id, std::uint64_t requests, std::uint64_t failed,
                               std::uint64_t size_bytes, const std::string& sha256) {
    auto statement =
        database_.statement("UPDATE jobs SET requests = ?, failed = ?, bytes = ?, sha256 = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(requests).bind(failed).bind(size_bytes).bind(sha256).bind(id.value).run();
}

Result<void> Jobs::record_reason(JobId id, const std::string& reason) {
    auto statement = database_.statement("UPDATE jobs SET reason = ? WHERE id = ? AND reason IS NULL");
    if (!statement) return statement.error();
    return (*statement)->bind(reason).bind(id.value).run();
}

Result<void> Jobs::record_input_changed(JobId id) {
    auto statement = database_.statement("UPDATE jobs SET input_changed = 1 WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(id.value).run();
}

Result<void> Jobs::record_cancel_asked(JobId id, TimePoint at) {
    auto statement =
        database_.statement("UPDATE jobs SET cancel_asked_at = ? WHERE id = ? AND cancel_asked_at IS NULL");
    if (!statement) return statement.error();
    return (*statement)->bind(at).bind(id.value).run();
}

Result<std::optional<JobId>> Jobs::last_retry_of(JobId id) {
    auto statement = database_.statement(
        "SELECT max(id) FROM jobs WHERE retry_of = ? AND retry_of IS NOT NULL AND state <> 'rejected'");
    if (!statement) return statement.error();
    if (const auto row = (*statement)->bind(id.value).step(); !row) return row.error();
    const JobId found{(*statement)->integer()};
    (*statement)->reset();
    return found.value == 0 ? std::nullopt : std::optional(found);
}

Result<void> Jobs::add_progress(JobId id, const Progress& more) {
    auto statement = database_.statement(
        "UPDATE jobs SET succeeded = succeeded + ?, failed = failed + ?, input_tokens = input_tokens + ?,"
        " output_tokens = output_tokens + ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)
        ->bind(more.succeeded)
        .bind(more.failed)
        .bind(more.input_tokens)
        .bind(more.output_tokens)
        .bind(id.value)
        .run();
}

Result<void> Jobs::finish(JobId id, JobState state, const Path& delivered_to, TimePoint at) {
    if (auto changed = change_state(id, state); !changed) return changed;
    auto statement = database_.statement("UPDATE jobs SET finished_at = ?, delivered_to = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(at).bind(delivered_to.string()).bind(id.value).run();
}

Result<std::vector<JobId>> Jobs::to_clean(std::size_t count_max) {
    auto statement = database_.statement(
        "SELECT id FROM jobs WHERE cleaned_at IS NULL AND state IN ('done', 'failed', 'rejected', "
        "'cancelled')"
        " ORDER BY id LIMIT ?");
    if (!statement) return statement.error();
    (*statement)->bind(static_cast<std::uint64_t>(count_max));
    return read_ids<JobId>(**statement);
}

Result<void> Jobs::record_cleaned(JobId id, TimePoint at) {
    auto statement = database_.statement("UPDATE jobs SET cleaned_at = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(at).bind(id.value).run();
}

Result<std::uint64_t> Jobs::remove_ended_before(TimePoint before, std::size_t count_max) {
    std::uint64_t removed = 0;
    const auto done = database_.transact([&]() -> Result<void> {
        for (const char* sql :
             {"DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ? LIMIT ?)",
              "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < ? AND cleaned_at IS NOT "
              "NULL LIMIT ?)"}) {
            auto statement = database_.statement(sql);
            if (!statement) return statement.error();
            (*statement)->bind(before).bind(static_cast<std::uint64_t>(count_max));
            if (auto ran = (*statement)->run(); !ran) return ran;
            removed += database_.rows_changed();
        }
        return {};
    });
    if (!done) return done.error();
    return removed;
}

Result<Jobs::Counts> Jobs::count() {
    auto statement = database_.statement(
        "SELECT (SELECT count(*) FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering')),"
        " (SELECT count(*) FROM jobs WHERE cleaned_at IS NULL"
        "  AND state IN ('done', 'failed', 'rejected', 'cancelled'))");
    if (!statement) return statement.error();
    if (const auto row = (*statement)->step(); !row) return row.error();
    Counts counts;
    counts.open = (*statement)->count();
    counts.to_clean = (*statement)->count();
    (*statement)->reset();
    return counts;
}

}  // namespace batchd::store
