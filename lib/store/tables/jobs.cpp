#include "store/tables/jobs.hpp"

#include <tuple>

namespace batchd::store {

/// In the order of the columns in Jobs::find().
static auto columns_of(Job& j) {
    return std::tie(j.id, j.key, j.name, j.state, j.reason, j.requests, j.succeeded, j.failed, j.size_bytes,
                    j.sha256, j.input_tokens, j.output_tokens, j.created_at, j.finished_at, j.delivered_to,
                    j.device, j.inode, j.recovered_at, j.cancel_asked_at, j.retry_of, j.input_changed,
                    j.input_stamp, j.queue, j.provider, j.terms, j.waits, j.not_before, j.waits_for,
                    j.chained_from, j.spent.cached_tokens, j.spent.reasoning_tokens, j.spent.cost,
                    j.spent.cost_sync, j.spent.unpriced);
}

static auto columns_of(JobKey& job) {
    return std::tie(job.id, job.key);
}

static auto columns_of(Jobs::Counts& counts) {
    return std::tie(counts.open, counts.to_clean);
}

Result<JobId> Jobs::add(const Job& job) {
    return database_.insert<JobId>(
        "INSERT INTO jobs (id, key, name, state, bytes, created_at, device, inode, retry_of, queue, provider,"
        " terms, chained_from) VALUES (max(coalesce((SELECT max(id) FROM jobs), 0), ?) + 1,"
        " ?, ?, 'claimed', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        newest_forgotten_, job.key, job.name, job.size_bytes, job.created_at, job.device, job.inode,
        job.retry_of, job.queue, job.provider, OrNull{job.terms}, job.chained_from);
}

Result<JobId> Jobs::restore(const Job& job, std::optional<TimePoint> cleaned_at) {
    // People know a job by its number, so it keeps it where it can. With NULL SQLite gives the next one.
    return database_.insert<JobId>(
        "INSERT INTO jobs (id, key, name, state, reason, requests, succeeded, failed, bytes, sha256,"
        " input_tokens, output_tokens, created_at, finished_at, delivered_to, device, inode, cleaned_at,"
        " recovered_at, retry_of, queue, provider, terms, cached_tokens, reasoning_tokens, cost, cost_sync,"
        " unpriced, chained_from, released_at)"
        " VALUES (CASE WHEN ?1 > 0 AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = ?1) THEN ?1 END,"
        " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,"
        " ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)"
        " RETURNING id",
        job.id, job.key, job.name, job.state, OrNull{job.reason}, job.requests, job.succeeded, job.failed,
        job.size_bytes, OrNull{job.sha256}, job.input_tokens, job.output_tokens, job.created_at,
        job.finished_at, OrNull{job.delivered_to}, job.device, job.inode, cleaned_at, job.recovered_at,
        job.retry_of, job.queue, job.provider, OrNull{job.terms}, job.spent.cached_tokens,
        job.spent.reasoning_tokens, job.spent.cost, job.spent.cost_sync, job.spent.unpriced, job.chained_from,
        job.released_at);
}

Result<std::optional<Job>> Jobs::find(JobId id) {
    return database_.query_first<Job>(
        "SELECT id, key, name, state, reason, requests, succeeded, failed, bytes, sha256, input_tokens,"
        " output_tokens, created_at, finished_at, delivered_to, device, inode, recovered_at,"
        " cancel_asked_at, retry_of, input_changed, input_stamp, queue, provider, terms, waits, not_before,"
        " waits_for, chained_from, cached_tokens, reasoning_tokens, cost, cost_sync, unpriced FROM jobs "
        "WHERE id = ?",
        id);
}

Result<std::optional<Job>> Jobs::find_by_key(const std::string& key) {
    // The number first, so that the long list of columns stands in one place.
    const auto id = database_.query_first<JobId>("SELECT id FROM jobs WHERE key = ?", key);
    if (!id) return id.error();
    if (!*id) return std::optional<Job>();
    return find(**id);
}

Result<std::optional<TimePoint>> Jobs::oldest_open() {
    return database_.query_value<std::optional<TimePoint>>(
        "SELECT min(created_at) FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering')");
}

Result<JobId> Jobs::newest() {
    return database_.query_value<JobId>("SELECT coalesce(max(id), 0) FROM jobs");
}

Result<std::uint64_t> Jobs::count_all() {
    return database_.query_value<std::uint64_t>("SELECT count(*) FROM jobs");
}

Result<std::uint64_t> Jobs::count_waiting() {
    return database_.query_value<std::uint64_t>("SELECT count(*) FROM jobs WHERE waits = 1");
}

Result<Jobs::Counts> Jobs::count() {
    return database_.query_value<Counts>(
        "SELECT (SELECT count(*) FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering')),"
        " (SELECT count(*) FROM jobs WHERE cleaned_at IS NULL"
        "  AND state IN ('done', 'failed', 'rejected', 'cancelled'))");
}

// Both conditions on the state: with the second, which stands in the partial index word by word, SQLite uses
// that index, which holds the open jobs only, however many have ended.

Result<std::vector<JobId>> Jobs::in_state(JobState state, std::size_t count_max) {
    return database_.query<JobId>(
        "SELECT id FROM jobs WHERE state = ? AND state IN ('claimed', 'planned', 'running', 'delivering')"
        " ORDER BY id LIMIT ?",
        state, count_max);
}

Result<std::vector<JobKey>> Jobs::keys_in_state(JobState state) {
    return database_.query<JobKey>(
        "SELECT id, key FROM jobs WHERE state = ? AND state IN ('claimed', 'planned', 'running', "
        "'delivering')"
        " ORDER BY id",
        state);
}

Result<std::vector<JobId>> Jobs::of_size(JobState state, std::uint64_t above, std::uint64_t up_to,
                                         std::size_t count_max) {
    if (above == 0)
        // The plus keeps SQLite from the index by size, from which all would have to be sorted: nearly all
        // files are small, and the index of the open jobs has them in the order of their numbers.
        return database_.query<JobId>(
            "SELECT id FROM jobs WHERE state = ? AND state IN ('claimed', 'planned', 'running', 'delivering')"
            " AND +bytes <= ? ORDER BY id LIMIT ?",
            state, up_to, count_max);
    // The index is named, for SQLite would rather read all jobs there ever were in the order of their numbers
    // than sort the few that are large.
    return database_.query<JobId>(
        "SELECT id FROM jobs INDEXED BY jobs_by_size WHERE state = ? AND state IN ('claimed', 'delivering')"
        " AND bytes > ? AND bytes <= ? ORDER BY id LIMIT ?",
        state, above, up_to, count_max);
}

Result<std::optional<JobId>> Jobs::last_retry_of(JobId id) {
    // The condition that goes without saying is the one of the partial index.
    return database_.query_value<std::optional<JobId>>(
        "SELECT max(id) FROM jobs WHERE retry_of = ? AND retry_of IS NOT NULL AND state <> 'rejected'", id);
}

Result<void> Jobs::remove(JobId id) {
    return database_.run("DELETE FROM jobs WHERE id = ?", id);
}

Result<void> Jobs::forget(JobId id) {
    // Somebody may have seen the number, and would take another file for theirs.
    newest_forgotten_ = std::max(newest_forgotten_, id);
    // Only a claim can be forgotten; whatever came further has effects that are to be remembered.
    return database_.run("DELETE FROM jobs WHERE id = ? AND state = 'claimed'", id);
}

Result<void> Jobs::expect_change(JobId id, JobState to) {
    const auto state = database_.query_first<JobState>("SELECT state FROM jobs WHERE id = ?", id);
    if (!state) return state.error();
    if (*state && may_change(**state, to)) return {};
    const std::string from(*state ? to_string(**state) : "nowhere");
    return error(Errc::illegal, "job " + std::to_string(id.value) + " can't go from " + from + " to " +
                                    std::string(to_string(to)));
}

Result<void> Jobs::change_state(JobId id, JobState to) {
    if (auto legal = expect_change(id, to); !legal) return legal;
    return database_.run("UPDATE jobs SET state = ? WHERE id = ?", to, id);
}

Result<void> Jobs::record_plan(JobId id, std::uint64_t requests, std::uint64_t failed,
                               std::uint64_t size_bytes, const std::string& sha256,
                               const std::string& input_stamp) {
    return database_.run(
        "UPDATE jobs SET requests = ?, failed = ?, bytes = ?, sha256 = ?, input_stamp = ? WHERE id = ?",
        requests, failed, size_bytes, sha256, OrNull{input_stamp}, id);
}

Result<void> Jobs::record_reason(JobId id, const std::string& reason) {
    // What went wrong first is the cause, and what followed from it mostly says less.
    return database_.run("UPDATE jobs SET reason = ? WHERE id = ? AND reason IS NULL", reason, id);
}

Result<void> Jobs::record_input_changed(JobId id) {
    return database_.run("UPDATE jobs SET input_changed = 1 WHERE id = ?", id);
}

Result<std::vector<JobId>> Jobs::without_terms() {
    return database_.query<JobId>(
        "SELECT id FROM jobs WHERE terms IS NULL"
        " AND state IN ('claimed', 'planned', 'running', 'delivering')");
}

Result<void> Jobs::record_terms(JobId id, const std::string& terms) {
    return database_.run("UPDATE jobs SET terms = ? WHERE id = ? AND terms IS NULL", terms, id);
}

Result<void> Jobs::record_cancel_asked(JobId id, TimePoint at) {
    // A cancel that is asked for again does not begin the patience with the provider anew.
    return database_.run("UPDATE jobs SET cancel_asked_at = ? WHERE id = ? AND cancel_asked_at IS NULL", at,
                         id);
}

Result<void> Jobs::add_progress(JobId id, const Progress& more) {
    return database_.run(
        // As Spent adds.
        "UPDATE jobs SET succeeded = succeeded + ?, failed = failed + ?, input_tokens = input_tokens + ?,"
        " output_tokens = output_tokens + ?, cached_tokens = cached_tokens + ?,"
        " reasoning_tokens = reasoning_tokens + ?, unpriced = unpriced + ?9,"
        " cost = nullif(coalesce(cost + ?7, cost, ?7), iif(unpriced + ?9 > 0, 0, NULL)),"
        " cost_sync = nullif(coalesce(cost_sync + ?8, cost_sync, ?8), iif(unpriced + ?9 > 0, 0, NULL))"
        " WHERE id = ?10",
        more.succeeded, more.failed, more.input_tokens, more.output_tokens, more.spent.cached_tokens,
        more.spent.reasoning_tokens, more.spent.cost, more.spent.cost_sync, more.spent.unpriced, id);
}

Result<void> Jobs::finish(JobId id, JobState state, const Path& delivered_to, TimePoint at) {
    if (auto legal = expect_change(id, state); !legal) return legal;
    return database_.run("UPDATE jobs SET state = ?, finished_at = ?, delivered_to = ? WHERE id = ?", state,
                         at, delivered_to.string(), id);
}

Result<std::vector<JobId>> Jobs::to_clean(const std::string& provider, std::size_t count_max) {
    return database_.query<JobId>(
        "SELECT id FROM jobs WHERE cleaned_at IS NULL"
        " AND state IN ('done', 'failed', 'rejected', 'cancelled') AND provider = ? ORDER BY id LIMIT ?",
        provider, count_max);
}

Result<std::vector<std::string>> Jobs::providers_in_use() {
    return database_.query<std::string>(
        "SELECT provider FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering')"
        " UNION SELECT provider FROM jobs WHERE cleaned_at IS NULL"
        "  AND state IN ('done', 'failed', 'rejected', 'cancelled')"
        " UNION SELECT provider FROM batches WHERE phase <> 'collected'"
        // What is not answered may go there yet.
        " UNION SELECT json_extract(terms, '$.fallback.provider') FROM jobs"
        "  WHERE state IN ('claimed', 'planned', 'running') AND json_valid(terms)"
        "  AND json_extract(terms, '$.fallback.provider') IS NOT NULL");
}

Result<void> Jobs::record_cleaned(JobId id, TimePoint at) {
    return database_.run("UPDATE jobs SET cleaned_at = ? WHERE id = ?", at, id);
}

Result<std::uint64_t> Jobs::remove_old(const Old& old, std::size_t count_max) {
    std::uint64_t removed = 0;
    // Of each table the newest row stays: its number plus one is the next, and a number that was given once
    // is in scripts, in job.json and in the places of readers, who would take another one for it.
    const auto done = database_.transact([&]() -> Result<void> {
        auto ran = database_.run(
            "DELETE FROM events WHERE id IN (SELECT id FROM events"
            " WHERE at < ? AND id < (SELECT max(id) FROM events) LIMIT ?)",
            old.before, count_max);
        if (!ran) return ran;
        removed = database_.rows_changed();
        // Those that are about a job go with it.
        ran = database_.run(
            "DELETE FROM commands WHERE job_id IS NULL AND at < ? AND id < (SELECT max(id) FROM commands)",
            old.before);
        if (!ran) return ran;
        ran = database_.run(
            "DELETE FROM notices WHERE id IN (SELECT id FROM notices"
            " WHERE at < ? AND id < (SELECT max(id) FROM notices) LIMIT ?)",
            old.before, count_max);
        if (!ran) return ran;
        removed += database_.rows_changed();
        // A job stays until its work directory is gone: without its row that looks like the work of a
        // database that was lost, and no daemon starts on it.
        ran = database_.run(
            "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs"
            " WHERE finished_at < ? AND cleaned_at IS NOT NULL AND (released_at IS NULL OR released_at < ?)"
            " AND id < (SELECT max(id) FROM jobs)"
            // With it would go the newest command.
            " AND id IS NOT (SELECT job_id FROM commands WHERE id = (SELECT max(id) FROM commands)) LIMIT ?)",
            old.before, old.let_go_before, count_max);
        removed += database_.rows_changed();
        return ran;
    });
    if (!done) return done.error();
    return removed;
}

}  // namespace batchd::store
