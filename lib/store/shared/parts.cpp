#include "store/shared/parts.hpp"

#include <algorithm>
#include <tuple>

namespace batchd::store {

static auto columns_of(Part& p) {
    return std::tie(p.batch, p.job, p.shard, p.attempt, p.requests, p.first_row, p.last_row, p.left_at,
                    p.job_key, p.cancel_asked_at, p.job_state);
}

static auto columns_of(Crowd& c) {
    return std::tie(c.jobs, c.first, c.given_up, c.given_up_at, c.requests);
}

static auto columns_of(Sharing& s) {
    return std::tie(s.batch, s.job, s.job_key, s.shard, s.requests, s.size_bytes, s.estimated_tokens,
                    s.is_made_of_another, s.priority);
}

static auto columns_of(Parts::Cancelled& c) {
    return std::tie(c.batch, c.job, c.phase, c.asked_at, c.ended_at);
}

static auto columns_of(Parts::OfBundle& p) {
    return std::tie(p.batch, p.shard, p.first_row, p.last_row, p.completed, p.failed, p.lost, p.left_at,
                    p.was_abandoned, p.mark, p.bundle, p.bundle_shard, p.bundle_attempt);
}

Result<void> Parts::add(const Part& part) {
    return database_.run(
        "INSERT INTO parts (batch, job_id, shard, attempt, requests, first_row, last_row, left_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        part.batch, part.job, part.shard, part.attempt, part.requests, part.first_row, part.last_row,
        part.left_at);
}

Result<std::vector<Part>> Parts::of_batch(BatchRowId batch) {
    auto parts = database_.query<Part>(
        "SELECT p.batch, p.job_id, p.shard, p.attempt, p.requests, p.first_row, p.last_row, p.left_at, j.key,"
        " j.cancel_asked_at, j.state FROM parts p JOIN jobs j ON j.id = p.job_id WHERE p.batch = ?",
        batch);
    const auto stands_before = [](const Part& a, const Part& b) { return a.first_row < b.first_row; };
    // Here, for the table is kept in the order of the jobs, and an order of rows would need an index of its
    // own.
    if (parts) std::sort(parts->begin(), parts->end(), stands_before);
    return parts;
}

Result<Crowd> Parts::crowd(BatchRowId batch) {
    return database_.query_value<Crowd>(
        "SELECT count(*), coalesce(min(iif(p.left_at IS NULL, j.id, NULL)), min(j.id)),"
        " count(coalesce(j.cancel_asked_at, p.left_at)), max(coalesce(j.cancel_asked_at, p.left_at)),"
        " coalesce(sum(iif(p.left_at IS NULL, p.requests, 0)), 0) FROM parts p JOIN jobs j ON j.id = "
        "p.job_id WHERE p.batch = ?",
        batch);
}

Result<bool> Parts::any_cancelled(BatchRowId batch) {
    return database_.query_value<bool>(
        "SELECT EXISTS (SELECT 1 FROM parts p JOIN jobs j ON j.id = p.job_id"
        " WHERE p.batch = ? AND j.cancel_asked_at IS NOT NULL)",
        batch);
}

Result<std::vector<Parts::OfBundle>> Parts::of_bundles(JobId job) {
    return database_.query<OfBundle>(
        "SELECT b.id, p.shard, p.first_row, p.last_row, p.completed, p.failed, p.lost, p.left_at,"
        // Who leaves by a cancel has asked for it before, or in that moment.
        " p.left_at IS NOT NULL AND coalesce(j.cancel_asked_at > p.left_at, 1), b.key, b.bundle, b.shard,"
        " b.attempt FROM parts p JOIN batches b ON b.id = p.batch JOIN jobs j ON j.id = p.job_id"
        " WHERE p.job_id = ? AND b.bundle IS NOT NULL"
        " ORDER BY p.shard, p.attempt, p.batch",
        job);
}

Result<bool> Parts::is_of_one_queue(BatchRowId batch) {
    return database_.query_value<bool>(
        "SELECT min(j.queue) IS max(j.queue) FROM parts p JOIN jobs j ON j.id = p.job_id WHERE p.batch = ?",
        batch);
}

// Before it is sent. The conditions are those of the index batches_to_share, word by word.

Result<std::vector<std::string>> Parts::words(const std::string& provider) {
    std::vector<std::string> words;
    // From each to the next by one step into the index: there are few words, and may be 100,000 rows.
    for (std::string last;;) {
        const auto next = database_.query_value<std::string>(
            "SELECT coalesce(min(share), '') FROM batches WHERE phase = 'planned' AND share IS NOT NULL"
            " AND provider = ? AND share > ?",
            provider, last);
        if (!next) return next.error();
        if (next->empty()) return words;
        last = *next;
        words.push_back(last);
    }
}

Result<std::vector<Sharing>> Parts::waiting(const std::string& provider, const std::string& word,
                                            std::size_t count_max) {
    return database_.query<Sharing>(
        "SELECT b.id, b.job_id, j.key, b.shard, b.requests, b.bytes, b.estimated_tokens,"
        " j.retry_of IS NOT NULL OR j.chained_from IS NOT NULL, b.priority"
        " FROM batches b JOIN jobs j ON j.id = b.job_id"
        " WHERE b.phase = 'planned' AND b.share IS NOT NULL AND b.provider = ? AND b.share = ?"
        " ORDER BY b.priority DESC, b.id LIMIT ?",
        provider, word, count_max);
}

Result<bool> Parts::move(BatchRowId from, BatchRowId to, std::uint64_t first_row, std::uint64_t last_row) {
    const auto done = database_.run(
        "UPDATE parts SET batch = ?2, first_row = ?3, last_row = ?4 WHERE batch = ?1 AND EXISTS"
        " (SELECT 1 FROM batches b JOIN jobs j ON j.id = b.job_id WHERE b.id = ?1 AND b.phase = 'planned'"
        "  AND b.share IS NOT NULL AND j.cancel_asked_at IS NULL)",
        from, to, first_row, last_row);
    if (!done) return done.error();
    return is_moved(from);
}

Result<bool> Parts::take_over(BatchRowId from, BatchRowId to, std::uint64_t first_row,
                              std::uint64_t last_row) {
    const auto done = database_.run(
        "UPDATE parts SET batch = ?2, first_row = ?3, last_row = ?4 WHERE batch = ?1"
        " AND (SELECT phase FROM batches WHERE id = ?1) = 'planned'",
        from, to, first_row, last_row);
    if (!done) return done.error();
    return is_moved(from);
}

/// After its part was to get another batch: the one that it had has nothing any more.
Result<bool> Parts::is_moved(BatchRowId from) {
    // Nothing was moved, so the row stays for whoever has changed it.
    if (database_.rows_changed() != 1) return false;
    const auto removed = database_.run("DELETE FROM batches WHERE id = ?", from);
    if (!removed) return removed.error();
    return true;
}

Result<void> Parts::goes_alone(BatchRowId batch) {
    return database_.run("UPDATE batches SET share = NULL WHERE id = ?", batch);
}

Result<void> Parts::all_go_alone(JobId job) {
    return database_.run(
        "UPDATE batches SET share = NULL WHERE job_id = ? AND phase = 'planned' AND share IS NOT NULL", job);
}

Result<void> Parts::start_jobs(BatchRowId batch) {
    return database_.run(
        "UPDATE jobs SET state = 'running' WHERE state = 'planned'"
        " AND id IN (SELECT job_id FROM parts WHERE batch = ?)",
        batch);
}

// When it ends.

Result<bool> Parts::leave(JobId job, TimePoint at) {
    // One that has ended is about to be collected, and has answers that count. A batch that has two parts of
    // the job comes twice, and is left once.
    const auto batches = database_.query<BatchRowId>(
        "SELECT b.id FROM parts p JOIN batches b ON b.id = p.batch WHERE p.job_id = ?"
        " AND p.left_at IS NULL AND b.bundle IS NOT NULL AND b.phase IN ('creating', 'watching')",
        job);
    if (!batches) return batches.error();
    for (const BatchRowId batch : *batches)
        if (const auto left = leave(batch, job, at); !left) return left;
    return !batches->empty();
}

Result<std::uint64_t> Parts::count_others(BatchRowId batch, JobId job) {
    return database_.query_value<std::uint64_t>(
        "SELECT count(DISTINCT job_id) FROM parts WHERE batch = ? AND job_id <> ? AND left_at IS NULL", batch,
        job);
}

Result<bool> Parts::leave(BatchRowId batch, JobId job, TimePoint at) {
    auto done = database_.run(
        "UPDATE jobs SET failed = failed + coalesce((SELECT sum(requests) FROM parts WHERE batch = ?1"
        " AND job_id = ?2 AND left_at IS NULL), 0) WHERE id = ?2",
        batch, job);
    if (done)
        done = database_.run(
            "UPDATE parts SET left_at = ?3, failed = requests WHERE batch = ?1 AND job_id = ?2"
            " AND left_at IS NULL",
            batch, job, at);
    if (!done) return done.error();
    return database_.rows_changed() > 0;
}

// As Batches::of_cancelled_jobs(): the cancelled jobs are few.
Result<std::vector<Parts::Cancelled>> Parts::of_cancelled_jobs(const std::string& provider) {
    return database_.query<Cancelled>(
        "SELECT b.id, j.id, b.phase, j.cancel_asked_at, b.ended_at FROM jobs j INDEXED BY jobs_cancelling"
        " CROSS JOIN parts p ON p.job_id = j.id CROSS JOIN batches b ON b.id = p.batch"
        " WHERE j.cancel_asked_at IS NOT NULL"
        " AND j.state IN ('claimed', 'planned', 'running', 'delivering')"
        " AND p.left_at IS NULL AND b.bundle IS NOT NULL AND b.phase <> 'collected' AND b.provider = ?",
        provider);
}

Result<bool> Parts::has_left(const Part& part) {
    return database_.query_value<bool>(
        "SELECT NOT EXISTS (SELECT 1 FROM parts WHERE batch = ? AND job_id = ? AND shard = ?"
        " AND left_at IS NULL)",
        part.batch, part.job, part.shard);
}

Result<void> Parts::record(const Part& part, const Figures& figures) {
    // What a job that has left was told stays; what its requests cost is known only now.
    return database_.run(
        "UPDATE parts SET completed = iif(left_at IS NULL, ?, completed),"
        " failed = iif(left_at IS NULL, ?, failed), lost = iif(left_at IS NULL, ?, lost), input_tokens = ?,"
        " output_tokens = ?, cached_tokens = ?, reasoning_tokens = ?, cost = ?, cost_sync = ?, unpriced = ?"
        " WHERE batch = ? AND job_id = ? AND shard = ?",
        figures.completed, figures.failed, figures.lost, figures.input_tokens, figures.output_tokens,
        figures.spent.cached_tokens, figures.spent.reasoning_tokens, figures.spent.cost,
        figures.spent.cost_sync, figures.spent.unpriced, part.batch, part.job, part.shard);
}

Result<void> Parts::add_to_jobs(BatchRowId batch) {
    return database_.run(
        // What nobody knows of one batch takes nothing away from what is known of the others.
        "UPDATE jobs SET succeeded = succeeded + s.completed, failed = jobs.failed + s.failed,"
        " input_tokens = jobs.input_tokens + s.input_tokens,"
        " output_tokens = jobs.output_tokens + s.output_tokens,"
        " cached_tokens = jobs.cached_tokens + s.cached_tokens,"
        " reasoning_tokens = jobs.reasoning_tokens + s.reasoning_tokens,"
        // As Spent adds.
        " cost = nullif(coalesce(jobs.cost + s.cost, jobs.cost, s.cost),"
        "  iif(jobs.unpriced + s.unpriced > 0, 0, NULL)),"
        " cost_sync = nullif(coalesce(jobs.cost_sync + s.cost_sync, jobs.cost_sync, s.cost_sync),"
        "  iif(jobs.unpriced + s.unpriced > 0, 0, NULL)),"
        " unpriced = jobs.unpriced + s.unpriced"
        " FROM (SELECT job_id, sum(iif(left_at IS NULL, completed, 0)) AS completed,"
        "   sum(iif(left_at IS NULL, failed, 0)) AS failed, sum(input_tokens) AS input_tokens,"
        "   sum(output_tokens) AS output_tokens, sum(cached_tokens) AS cached_tokens,"
        "   sum(reasoning_tokens) AS reasoning_tokens, sum(cost) AS cost, sum(cost_sync) AS cost_sync,"
        "   sum(unpriced) AS unpriced FROM parts WHERE batch = ? GROUP BY job_id) AS s"
        " WHERE jobs.id = s.job_id",
        batch);
}

Result<std::uint64_t> Parts::deliver_complete_jobs(BatchRowId batch) {
    auto done = database_.run(
        "UPDATE jobs SET state = 'delivering' WHERE state IN ('planned', 'running')"
        " AND id IN (SELECT job_id FROM parts WHERE batch = ?)"
        " AND NOT EXISTS (SELECT 1 FROM parts p JOIN batches b ON b.id = p.batch WHERE p.job_id = jobs.id"
        "  AND p.left_at IS NULL AND b.phase <> 'collected')",
        batch);
    if (!done) return done.error();
    return database_.rows_changed();
}

}  // namespace batchd::store
