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
                    b.possibly_repeated);
}

Result<void> Batches::add(const Batch& batch) {
    // The file of an attempt that was refused is still at the provider, and needs no second upload.
    const auto phase = batch.input_file_id.empty() ? BatchPhase::planned : BatchPhase::uploaded;
    return database_.run(
        "INSERT INTO batches (job_id, shard, attempt, run, setbacks, key, phase, status, endpoint, model,"
        " requests, bytes, input_file_id, estimated_tokens, created_at, base_url, account, provider,"
        " deadline_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        batch.job_id, batch.shard, batch.attempt, batch.run, batch.setbacks, batch.key, phase, phase,
        batch.endpoint, batch.model, batch.requests, batch.size_bytes, OrNull{batch.input_file_id},
        batch.estimated_tokens, batch.created_at, OrNull{batch.base_url}, OrNull{batch.account},
        batch.provider, batch.deadline_at);
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
        " reasoning_tokens, cost, cost_sync, unpriced, prices, told_usage, possibly_repeated FROM batches"
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

Result<std::vector<Batch>> Batches::of_job(JobId job) {
    const auto ids =
        database_.query<BatchRowId>("SELECT id FROM batches WHERE job_id = ? ORDER BY shard, attempt", job);
    if (!ids) return ids.error();
    std::vector<Batch> batches;
    for (const BatchRowId id : *ids) {
        auto batch = find(id);
        if (!batch) return batch.error();
        if (*batch) batches.push_back(std::move(**batch));
    }
    return batches;
}

}  // namespace batchd::store
