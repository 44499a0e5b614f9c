#include "store/tables/batches.hpp"

#include <tuple>

namespace batchd::store {

/// In the order of the columns in Batches::find().
static auto columns_of(Batch& b) {
    return std::tie(b.id, b.job_id, b.shard, b.attempt, b.run, b.setbacks, b.key, b.batch_id, b.phase,
                    b.status, b.endpoint, b.model, b.requests, b.size_bytes, b.completed, b.failed,
                    b.input_file_id, b.output_file_id, b.error_file_id, b.estimated_tokens, b.input_tokens,
                    b.output_tokens, b.created_at, b.intent_at, b.repeat_of, b.submitted_at, b.status_since,
                    b.expires_at, b.overdue_at, b.deadline_at, b.ended_at, b.error, b.cancel_sent_at,
                    b.outcome, b.base_url, b.account, b.doubts, b.answered_at, b.missing_since, b.held_since,
                    b.held, b.recognised, b.lost, b.provider, b.spent.cached_tokens, b.spent.reasoning_tokens,
                    b.spent.cost, b.spent.cost_sync, b.spent.unpriced, b.prices, b.told_usage,
                    b.possibly_repeated, b.bundle, b.share, b.priority);
}

/// Of a row's figures only those that a new one may have.
static Result<BatchRowId> insert(Database& database, const Batch& batch) {
    // The file of an attempt that was refused is still at the provider, and needs no second upload.
    const auto phase = batch.input_file_id.empty() ? BatchPhase::planned : BatchPhase::uploaded;
    return database.insert<BatchRowId>(
        "INSERT INTO batches (job_id, shard, attempt, run, setbacks, key, phase, status, endpoint, model,"
        " requests, bytes, input_file_id, estimated_tokens, created_at, base_url, account, provider, bundle,"
        " share, priority, deadline_at)"
        " VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        batch.job_id, batch.shard, batch.attempt, batch.run, batch.setbacks, batch.key, phase, phase,
        batch.endpoint, batch.model, batch.requests, batch.size_bytes, OrNull{batch.input_file_id},
        batch.estimated_tokens, batch.created_at, OrNull{batch.base_url}, OrNull{batch.account},
        batch.provider, OrNull{batch.bundle}, OrNull{batch.share}, batch.priority, batch.deadline_at);
}

// A trigger adds the part of one that is a job's alone.
Result<void> Batches::add(const Batch& batch) {
    const auto id = insert(database_, batch);
    return id ? Result<void>() : id.error();
}

Result<BatchRowId> Batches::add_shared(const Batch& batch) {
    return insert(database_, batch);
}

Result<void> Batches::restore(const Batch& batch) {
    // OR IGNORE: two folders of the outbox may tell of one batch, where somebody has copied one of them.
    // The folder does not say how often the requests had run; as the job has ended, nothing asks for it.
    return database_.run(
        "INSERT OR IGNORE INTO batches (job_id, shard, attempt, run, key, batch_id, phase, status, endpoint,"
        " model, requests, bytes, completed, failed, input_file_id, output_file_id, error_file_id,"
        " estimated_tokens, input_tokens, output_tokens, created_at, submitted_at, ended_at, collected_at,"
        " error, outcome, lost, provider, cached_tokens, reasoning_tokens, cost, cost_sync, unpriced, prices,"
        " possibly_repeated)"
        " VALUES (?, ?, ?, ?, ?, ?, 'collected', ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        batch.job_id, batch.shard, batch.attempt, batch.attempt, batch.key, OrNull{batch.batch_id},
        batch.status, batch.endpoint, batch.model, batch.requests, batch.completed, batch.failed,
        OrNull{batch.input_file_id}, OrNull{batch.output_file_id}, OrNull{batch.error_file_id},
        batch.input_tokens, batch.output_tokens, batch.created_at, batch.submitted_at, batch.ended_at,
        batch.ended_at, OrNull{batch.error}, batch.outcome.value_or(Outcome::ended), batch.lost,
        batch.provider, batch.spent.cached_tokens, batch.spent.reasoning_tokens, batch.spent.cost,
        batch.spent.cost_sync, batch.spent.unpriced, OrNull{batch.prices}, batch.possibly_repeated);
}

Result<std::optional<Batch>> Batches::find(BatchRowId id) {
    return database_.query_first<Batch>(
        "SELECT id, job_id, shard, attempt, run, setbacks, key, batch_id, phase, status, endpoint, model,"
        " requests, bytes, completed, failed, input_file_id, output_file_id, error_file_id,"
        " estimated_tokens, input_tokens, output_tokens, created_at, intent_at, repeat_of, submitted_at,"
        " status_since, expires_at, overdue_at, deadline_at, ended_at, error, cancel_sent_at, outcome, "
        "base_url, account,"
        " doubts, answered_at, missing_since, held_since, held, recognised, lost, provider, cached_tokens,"
        " reasoning_tokens, cost, cost_sync, unpriced, prices, told_usage, possibly_repeated,"
        " bundle, share, priority FROM batches"
        " WHERE id = ?",
        id);
}

// The two below find numbers first, so that the long list of columns stands in one place.

Result<std::optional<Batch>> Batches::find_by_key(const std::string& key) {
    const auto id = database_.query_first<BatchRowId>("SELECT id FROM batches WHERE key = ?", key);
    if (!id) return id.error();
    if (!*id) return std::optional<Batch>();
    return find(**id);
}

namespace {

/// What a shared batch has of one job.
struct Share {
    BatchRowId batch;
    std::uint64_t shard = 1, attempt = 1, requests = 0, completed = 0, failed = 0, lost = 0, input_tokens = 0,
                  output_tokens = 0;
    Spent spent;
    std::optional<TimePoint> left_at;
};

auto columns_of(Share& s) {
    return std::tie(s.batch, s.shard, s.attempt, s.requests, s.completed, s.failed, s.lost, s.input_tokens,
                    s.output_tokens, s.spent.cached_tokens, s.spent.reasoning_tokens, s.spent.cost,
                    s.spent.cost_sync, s.spent.unpriced, s.left_at);
}

/// While it runs, the provider counts for all of them: the job's share of that is as good as is known.
void narrow(Batch& batch, const Share& share, JobId job) {
    const bool is_settled = batch.phase == BatchPhase::collected || share.left_at;
    const auto of_it = [&](std::uint64_t all) {
        return batch.requests == 0 ? 0 : all * share.requests / batch.requests;
    };
    batch.completed = is_settled ? share.completed : of_it(batch.completed);
    batch.failed = is_settled ? share.failed : of_it(batch.failed);
    batch.lost = share.lost;
    batch.input_tokens = share.input_tokens;
    batch.output_tokens = share.output_tokens;
    batch.spent = share.spent;
    batch.job_id = job;
    batch.shard = share.shard;
    batch.attempt = share.attempt;
    batch.requests = share.requests;
    batch.left_at = share.left_at;
}

}  // namespace

Result<std::vector<Batch>> Batches::of_job(JobId job) {
    const auto shares = database_.query<Share>(
        "SELECT batch, shard, attempt, requests, completed, failed, lost, input_tokens, output_tokens,"
        " cached_tokens, reasoning_tokens, cost, cost_sync, unpriced, left_at FROM parts WHERE job_id = ?"
        " ORDER BY shard, attempt, batch",
        job);
    if (!shares) return shares.error();
    std::vector<Batch> batches;
    for (const Share& share : *shares) {
        auto batch = find(share.batch);
        if (!batch) return batch.error();
        if (!*batch) continue;
        if ((*batch)->is_shared()) narrow(**batch, share, job);
        batches.push_back(std::move(**batch));
    }
    return batches;
}

}  // namespace batchd::store
