/// What the stages ask of the table `batches`: what is theirs to do, and sums.

#include <tuple>

#include "store/tables/batches.hpp"

// Several queries say `phase <> 'collected'` beside the phases that they look for: SQLite uses the partial
// index on what is active only where its own condition stands in the query, word by word. Of a hundred
// thousand batches that are done none is looked at.

namespace batchd::store {

static auto columns_of(Batches::Watched& b) {
    return std::tie(b.id, b.batch_id, b.submitted_at, b.base_url);
}

static auto columns_of(Batches::InFlight& b) {
    return std::tie(b.batch_id, b.key, b.input_file_id, b.base_url, b.account, b.submitted_at);
}

static auto columns_of(Batches::Answered& b) {
    return std::tie(b.key, b.input_file_id, b.base_url, b.answered_at);
}

static auto columns_of(Batches::OfCancelled& b) {
    return std::tie(b.id, b.phase, b.asked_at, b.ended_at);
}

static auto columns_of(Batches::ToSubmit& b) {
    return std::tie(b.id, b.priority);
}

Result<std::vector<Batches::ToSubmit>> Batches::to_submit(const std::string& provider,
                                                          std::size_t count_max) {
    return database_.query<ToSubmit>(
        "SELECT id, priority FROM batches WHERE phase IN ('planned', 'uploading', 'uploaded', 'creating')"
        " AND provider = ? AND NOT (phase = 'planned' AND share IS NOT NULL)"
        " ORDER BY priority DESC, id LIMIT ?",
        provider, count_max);
}

Result<std::vector<BatchRowId>> Batches::to_collect(const std::string& provider, std::size_t count_max) {
    return database_.query<BatchRowId>(
        "SELECT id FROM batches WHERE phase = 'ended' AND phase <> 'collected' AND provider = ?"
        " ORDER BY id LIMIT ?",
        provider, count_max);
}

// The cancelled jobs are few, and their batches are found by their number; the other way round each look
// would go through everything that is in flight. CROSS JOIN keeps SQLite to that order, whatever its
// statistics say.

Result<std::vector<BatchRowId>> Batches::to_cancel(const std::string& provider, std::size_t count_max) {
    return database_.query<BatchRowId>(
        "SELECT b.id FROM jobs j INDEXED BY jobs_cancelling CROSS JOIN batches b ON b.job_id = j.id"
        " WHERE j.cancel_asked_at IS NOT NULL"
        " AND j.state IN ('claimed', 'planned', 'running', 'delivering')"
        " AND b.phase = 'watching' AND b.cancel_sent_at IS NULL AND b.provider = ?1"
        " UNION ALL SELECT b.id FROM batches b INDEXED BY batches_to_clean"
        " WHERE b.bundle IS NOT NULL AND b.cleaned_at IS NULL AND b.phase = 'watching'"
        " AND b.cancel_sent_at IS NULL AND b.provider = ?1"
        " AND NOT EXISTS (SELECT 1 FROM parts WHERE batch = b.id AND left_at IS NULL) LIMIT ?2",
        provider, count_max);
}

// All have the condition of the partial index on deadlines, word by word.

Result<std::vector<BatchRowId>> Batches::late(const std::string& provider, TimePoint now,
                                              std::size_t count_max) {
    return database_.query<BatchRowId>(
        "SELECT id FROM batches INDEXED BY batches_deadline WHERE deadline_at IS NOT NULL AND cancel_sent_at "
        "IS NULL"
        " AND phase <> 'collected' AND deadline_at <= ? AND phase = 'watching' AND provider = ?"
        " ORDER BY deadline_at LIMIT ?",
        now, provider, count_max);
}

Result<std::vector<BatchRowId>> Batches::late_unsent(const std::string& provider, TimePoint now) {
    return database_.query<BatchRowId>(
        "SELECT id FROM batches INDEXED BY batches_deadline WHERE deadline_at IS NOT NULL AND cancel_sent_at "
        "IS NULL"
        " AND phase <> 'collected' AND deadline_at <= ? AND phase IN ('planned', 'uploading', 'uploaded')"
        " AND provider = ? ORDER BY deadline_at",
        now, provider);
}

Result<std::optional<TimePoint>> Batches::next_deadline(const std::string& provider, TimePoint now) {
    return database_.query_first<TimePoint>(
        "SELECT deadline_at FROM batches INDEXED BY batches_deadline WHERE deadline_at IS NOT NULL AND "
        "cancel_sent_at IS NULL"
        " AND phase <> 'collected' AND deadline_at > ? AND provider = ? ORDER BY deadline_at LIMIT 1",
        now, provider);
}

Result<std::vector<Batches::OfCancelled>> Batches::of_cancelled_jobs(const std::string& provider) {
    return database_.query<OfCancelled>(
        "SELECT b.id, b.phase, j.cancel_asked_at, b.ended_at FROM jobs j INDEXED BY jobs_cancelling"
        " CROSS JOIN batches b ON b.job_id = j.id WHERE j.cancel_asked_at IS NOT NULL"
        " AND j.state IN ('claimed', 'planned', 'running', 'delivering')"
        " AND b.phase <> 'collected' AND b.provider = ?1"
        " UNION ALL SELECT b.id, b.phase, (SELECT max(coalesce(p.left_at, j.cancel_asked_at)) FROM parts p"
        "  JOIN jobs j ON j.id = p.job_id WHERE p.batch = b.id), b.ended_at"
        " FROM batches b INDEXED BY batches_to_clean WHERE b.bundle IS NOT NULL AND b.cleaned_at IS NULL"
        " AND b.phase <> 'collected' AND b.provider = ?1"
        " AND NOT EXISTS (SELECT 1 FROM parts p JOIN jobs j ON j.id = p.job_id WHERE p.batch = b.id"
        "  AND p.left_at IS NULL AND j.cancel_asked_at IS NULL)",
        provider);
}

Result<std::vector<Batches::Watched>> Batches::watched(const std::string& provider) {
    return database_.query<Watched>(
        "SELECT id, batch_id, submitted_at, base_url FROM batches"
        " WHERE phase = 'watching' AND phase <> 'collected' AND provider = ? ORDER BY id",
        provider);
}

Result<std::uint64_t> Batches::count_watched(const std::string& provider) {
    return database_.query_value<std::uint64_t>(
        "SELECT count(*) FROM batches WHERE phase = 'watching' AND phase <> 'collected' AND provider = ?",
        provider);
}

Result<std::uint64_t> Batches::count_watched() {
    return database_.query_value<std::uint64_t>(
        "SELECT count(*) FROM batches WHERE phase = 'watching' AND phase <> 'collected'");
}

Result<std::vector<Batches::InFlight>> Batches::in_flight(const std::string& provider) {
    return database_.query<InFlight>(
        "SELECT batch_id, key, input_file_id, base_url, account, submitted_at FROM batches"
        " WHERE phase = 'watching' AND phase <> 'collected' AND provider = ?",
        provider);
}

Result<std::vector<Batches::Answered>> Batches::answered_unseen(const std::string& provider) {
    return database_.query<Answered>(
        "SELECT key, input_file_id, base_url, answered_at FROM batches"
        " WHERE phase = 'creating' AND phase <> 'collected' AND answered_with IS NOT NULL AND provider = ?",
        provider);
}

Result<bool> Batches::knows(const std::string& batch_id) {
    return database_.query_value<bool>("SELECT EXISTS (SELECT 1 FROM batches WHERE batch_id = ?)", batch_id);
}

Result<std::uint64_t> Batches::enqueued_tokens(const std::string& provider, const std::string& model) {
    // A create that is on its way may have taken effect already, so its tokens count as taken.
    return database_.query_value<std::uint64_t>(
        "SELECT coalesce(sum(estimated_tokens), 0) FROM batches WHERE phase IN ('creating', 'watching')"
        " AND phase <> 'collected' AND provider = ? AND model = ?",
        provider, model);
}

Result<std::uint64_t> Batches::count_beside(BatchRowId id, const std::string& provider,
                                            const std::string& model, TimePoint since, TimePoint until) {
    return database_.query_value<std::uint64_t>(
        "SELECT count(*) FROM batches WHERE id <> ? AND provider = ? AND model = ? AND intent_at < ?"
        " AND (phase IN ('creating', 'watching') OR (batch_id IS NOT NULL AND ended_at > ?))",
        id, provider, model, until, since);
}

Result<std::uint64_t> Batches::last_shard(const Batch& batch) {
    if (batch.is_shared())
        return database_.query_value<std::uint64_t>(
            "SELECT coalesce(max(shard), 0) FROM batches WHERE bundle = ? AND bundle IS NOT NULL",
            batch.bundle);
    return database_.query_value<std::uint64_t>(
        "SELECT coalesce(max(shard), 0) FROM batches WHERE job_id = ?", batch.job_id);
}

Result<std::vector<std::string>> Batches::words_of_all(const Batch& batch) {
    if (batch.is_shared())
        return database_.query<std::string>(
            "SELECT status FROM batches WHERE bundle = ? AND bundle IS NOT NULL AND batch_id IS NOT NULL",
            batch.bundle);
    return database_.query<std::string>(
        "SELECT status FROM batches WHERE job_id = ? AND batch_id IS NOT NULL", batch.job_id);
}

Result<std::uint64_t> Batches::count_open(JobId job) {
    return database_.query_value<std::uint64_t>(
        "SELECT count(*) FROM parts p JOIN batches b ON b.id = p.batch WHERE p.job_id = ?"
        " AND p.left_at IS NULL AND b.phase <> 'collected'",
        job);
}

Result<std::uint64_t> Batches::count_overdue() {
    return database_.query_value<std::uint64_t>(
        "SELECT count(*) FROM batches WHERE phase = 'watching' AND overdue_at IS NOT NULL");
}

Result<Batches::Left> Batches::what_is_left() {
    // A job that waits for money has no batch, and one whose batches are all collected is about to be
    // delivered.
    const auto words = database_.query<std::string>(
        "SELECT DISTINCT iif(held IS NULL, 'account ' || provider, 'held') FROM batches"
        " WHERE phase <> 'collected'"
        " UNION SELECT iif(coalesce(waits_for, '') IN ('money', 'budget', 'price'), 'money', 'moves')"
        " FROM jobs j WHERE state IN ('claimed', 'planned', 'running', 'delivering')"
        "  AND NOT EXISTS (SELECT 1 FROM parts p JOIN batches b ON b.id = p.batch"
        "   WHERE p.job_id = j.id AND b.phase <> 'collected')");
    if (!words) return words.error();
    constexpr std::string_view kAccount = "account ";
    Left left;
    for (const std::string& word : *words) {
        if (word.starts_with(kAccount)) left.accounts.insert(word.substr(kAccount.size()));
        left.is_held |= word == "held";
        left.waits_for_money |= word == "money";
        left.moves |= word == "moves";
    }
    return left;
}

}  // namespace batchd::store
