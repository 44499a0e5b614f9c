#include "store/batches.hpp"

#include "store/rows.hpp"

namespace batchd::store {
namespace {

// Several queries say `phase <> 'collected'` beside the phases that they look for: SQLite uses the partial
// index on what is active only where its own condition stands in the query, word by word.
constexpr const char* kSelectById =
    "SELECT id, job_id, shard, attempt, run, setbacks, key, batch_id, phase, status, endpoint, model, "
    "requests, bytes,"
    " completed, failed, input_file_id, output_file_id, error_file_id, estimated_tokens, input_tokens, "
    "output_tokens,"
    " created_at, intent_at, repeat_of, submitted_at, status_since, expires_at, overdue_at, ended_at, error, "
    "cancel_sent_at, outcome, base_url, account, doubts, answered_at, missing_since, held_since, held, "
    "recognised, "
    "lost"
    " FROM batches WHERE id = ?";

Batch read_batch(Statement& row) {
    Batch batch;
    batch.id = BatchRowId{row.integer()};
    batch.job_id = JobId{row.integer()};
    batch.shard = row.count();
    batch.attempt = row.count();
    batch.run = row.count();
    batch.setbacks = row.count();
    batch.key = row.text();
    batch.batch_id = row.text();
    batch.phase =
        parse_batch_phase(row.text()).value_or(BatchPhase::planned);  // the schema's CHECK allows no other
    batch.status = row.text();
    batch.endpoint = row.text();
    batch.model = row.text();
    batch.requests = row.count();
    batch.size_bytes = row.count();
    batch.completed = row.count();
    batch.failed = row.count();
    batch.input_file_id = row.text();
    batch.output_file_id = row.text();
    batch.error_file_id = row.text();
    batch.estimated_tokens = row.count();
    batch.input_tokens = row.count();
    batch.output_tokens = row.count();
    batch.created_at = row.time();
    batch.intent_at = row.optional_time();
    batch.repeat_of = row.optional_time();
    batch.submitted_at = row.optional_time();
    batch.status_since = row.optional_time();
    batch.expires_at = row.optional_time();
    batch.overdue_at = row.optional_time();
    batch.ended_at = row.optional_time();
    batch.error = row.text();
    batch.cancel_sent_at = row.optional_time();
    batch.outcome = parse_outcome(row.text());
    batch.base_url = row.text();
    batch.account = row.text();
    batch.doubts = row.count();
    batch.answered_at = row.optional_time();
    batch.missing_since = row.optional_time();
    batch.held_since = row.optional_time();
    batch.held = row.text();
    batch.recognised = row.integer() != 0;
    batch.lost = row.count();
    return batch;
}

Result<std::optional<Batch>> read_one(Statement& statement) {
    std::optional<Batch> batch;
    auto read = for_each_row(statement, [&](Statement& row) { batch = read_batch(row); });
    if (!read) return read.error();
    return batch;
}

}  // namespace

Result<void> Batches::add(const Batch& batch) {
    auto statement = database_.statement(
        "INSERT INTO batches (job_id, shard, attempt, run, setbacks, key, phase, status, endpoint, model, "
        "requests,"
        " bytes, input_file_id, estimated_tokens, created_at, base_url, account)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!statement) return statement.error();
    const auto phase = to_string(batch.input_file_id.empty() ? BatchPhase::planned : BatchPhase::uploaded);
    return (*statement)
        ->bind(batch.job_id.value)
        .bind(batch.shard)
        .bind(batch.attempt)
        .bind(batch.run)
        .bind(batch.setbacks)
        .bind(batch.key)
        .bind(phase)
        .bind(phase)
        .bind(batch.endpoint)
        .bind(batch.model)
        .bind(batch.requests)
        .bind(batch.size_bytes)
        .bind_or_null(batch.input_file_id)
        .bind(batch.estimated_tokens)
        .bind(batch.created_at)
        .bind_or_null(batch.base_url)
        .bind_or_null(batch.account)
        .run();
}

Result<void> Batches::restore(const Batch& batch) {
    auto statement = database_.statement(
        "INSERT OR IGNORE INTO batches (job_id, shard, attempt, run, key, batch_id, phase, status, endpoint, "
        "model, requests, bytes, completed, failed, input_file_id, output_file_id, error_file_id, "
        "estimated_tokens, input_tokens, output_tokens, created_at, submitted_at, ended_at, collected_at, "
        "error, outcome, lost)"
        " VALUES (?, ?, ?, ?, ?, ?, 'collected', ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?)");
    if (!statement) return statement.error();
    return (*statement)
        ->bind(batch.job_id.value)
        .bind(batch.shard)
        .bind(batch.attempt)
        .bind(batch.attempt)
        .bind(batch.key)
        .bind_or_null(batch.batch_id)
        .bind(batch.status)
        .bind(batch.endpoint)
        .bind(batch.model)
        .bind(batch.requests)
        .bind(batch.completed)
        .bind(batch.failed)
        .bind_or_null(batch.input_file_id)
        .bind_or_null(batch.output_file_id)
        .bind_or_null(batch.error_file_id)
        .bind(batch.input_tokens)
        .bind(batch.output_tokens)
        .bind(batch.created_at)
        .bind(batch.submitted_at)
        .bind(batch.ended_at)
        .bind(batch.ended_at)
        .bind_or_null(batch.error)
        .bind(to_string(batch.outcome.value_or(Outcome::ended)))
        .bind(batch.lost)
        .run();
}

Result<std::optional<Batch>> Batches::find(BatchRowId id) {
    auto statement = database_.statement(kSelectById);
    if (!statement) return statement.error();
    return read_one((*statement)->bind(id.value));
}

Result<std::optional<Batch>> Batches::find_by_key(const std::string& key) {
    auto statement = database_.statement("SELECT id FROM batches WHERE key = ?");
    if (!statement) return statement.error();
    const auto ids = read_ids<BatchRowId>((*statement)->bind(key));
    if (!ids) return ids.error();
    if (ids->empty()) return std::optional<Batch>();
    return find(ids->front());
}

Result<std::vector<Batch>> Batches::of_job(JobId job) {
    auto statement = database_.statement("SELECT id FROM batches WHERE job_id = ? ORDER BY shard, attempt");
    if (!statement) return statement.error();
    const auto ids = read_ids<BatchRowId>((*statement)->bind(job.value));
    if (!ids) return ids.error();
    std::vector<Batch> batches;
    for (const BatchRowId id : *ids) {
        auto batch = find(id);
        if (!batch) return batch.error();
        if (*batch) batches.push_back(std::move(**batch));
    }
    return batches;
}

Result<std::vector<BatchRowId>> Batches::to_submit(std::size_t count_max) {
    auto statement = database_.statement(
        "SELECT id FROM batches WHERE phase IN ('planned', 'uploading', 'uploaded', 'creating')"
        " ORDER BY id LIMIT ?");
    if (!statement) return statement.error();
    return read_ids<BatchRowId>((*statement)->bind(static_cast<std::uint64_t>(count_max)));
}

Result<std::vector<BatchRowId>> Batches::to_collect(std::size_t count_max) {
    auto statement = database_.statement(
        "SELECT id FROM batches WHERE phase = 'ended' AND phase <> 'collected' ORDER BY id LIMIT ?");
    if (!statement) return statement.error();
    return read_ids<BatchRowId>((*statement)->bind(static_cast<std::uint64_t>(count_max)));
}

Result<std::vector<Batches::Watched>> Batches::watched() {
    auto statement = database_.statement(
        "SELECT id, batch_id, submitted_at, base_url FROM batches"
        " WHERE phase = 'watching' AND phase <> 'collected' ORDER BY id");
    if (!statement) return statement.error();
    std::vector<Watched> watched;
    auto read = for_each_row(**statement, [&](Statement& row) {
        Watched batch;
        batch.id = BatchRowId{row.integer()};
        batch.batch_id = row.text();
        batch.submitted_at = row.time();
        batch.base_url = row.text();
        watched.push_back(std::move(batch));
    });
    if (!read) return read.error();
    return watched;
}

Result<std::vector<Batches::InFlight>> Batches::in_flight() {
    auto statement = database_.statement(
        "SELECT batch_id, key, input_file_id, base_url, account, submitted_at FROM batches"
        " WHERE phase = 'watching' AND phase <> 'collected'");
    if (!statement) return statement.error();
    std::vector<InFlight> batches;
    auto read = for_each_row(**statement, [&](Statement& row) {
        InFlight& batch = batches.emplace_back();
        batch.batch_id = row.text();
        batch.key = row.text();
        batch.input_file_id = row.text();
        batch.base_url = row.text();
        batch.account = row.text();
        batch.submitted_at = row.time();
    });
    if (!read) return read.error();
    return batches;
}

Result<std::vector<Batches::Answered>> Batches::answered_unseen() {
    auto statement = database_.statement(
        "SELECT key, input_file_id, base_url, answered_at FROM batches"
        " WHERE phase = 'creating' AND phase <> 'collected' AND answered_at IS NOT NULL");
    if (!statement) return statement.error();
    std::vector<Answered> batches;
    auto read = for_each_row(**statement, [&](Statement& row) {
        Answered& batch = batches.emplace_back();
        batch.key = row.text();
        batch.input_file_id = row.text();
        batch.base_url = row.text();
        batch.answered_at = row.time();
    });
    if (!read) return read.error();
    return batches;
}

Result<std::uint64_t> Batches::count_watched() {
    auto statement =
        database_.statement("SELECT count(*) FROM batches WHERE phase = 'watching' AND phase <> 'collected'");
    if (!statement) return statement.error();
    return read_count(**statement);
}

Result<std::vector<BatchRowId>> Batches::to_cancel(std::size_t count_max) {
    // CROSS JOIN keeps the order: first the few jobs that are cancelled.
    auto statement = database_.statement(
        "SELECT b.id FROM jobs j INDEXED BY jobs_cancelling CROSS JOIN batches b ON b.job_id = j.id"
        " WHERE j.cancel_asked_at IS NOT NULL"
        " AND j.state IN ('claimed', 'planned', 'running', 'delivering')"
        " AND b.phase = 'watching' AND b.cancel_sent_at IS NULL LIMIT ?");
    if (!statement) return statement.error();
    return read_ids<BatchRowId>((*statement)->bind(static_cast<std::uint64_t>(count_max)));
}

Result<std::vector<Batches::OfCancelled>> Batches::of_cancelled_jobs() {
    auto statement = database_.statement(
        "SELECT b.id, b.phase, j.cancel_asked_at, b.ended_at FROM jobs j INDEXED BY jobs_cancelling"
        " CROSS JOIN batches b ON b.job_id = j.id WHERE j.cancel_asked_at IS NOT NULL"
        " AND j.state IN ('claimed', 'planned', 'running', 'delivering') AND b.phase IN ('watching', "
        "'ended')");
    if (!statement) return statement.error();
    std::vector<OfCancelled> batches;
    auto read = for_each_row(**statement, [&](Statement& row) {
        OfCancelled batch;
        batch.id = BatchRowId{row.integer()};
        batch.phase = parse_batch_phase(row.text()).value_or(BatchPhase::watching);
        batch.asked_at = row.time();
        batch.ended_at = row.optional_time();
        batches.push_back(batch);
    });
    if (!read) return read.error();
    return batches;
}

Result<bool> Batches::knows(const std::string& batch_id) {
    auto statement = database_.statement("SELECT count(*) FROM batches WHERE batch_id = ?");
    if (!statement) return statement.error();
    const auto count = read_count((*statement)->bind(batch_id));
    if (!count) return count.error();
    return *count > 0;
}

Result<std::uint64_t> Batches::enqueued_tokens(const std::string& model) {
    auto statement = database_.statement(
        "SELECT coalesce(sum(estimated_tokens), 0) FROM batches WHERE phase IN ('creating', 'watching')"
        " AND phase <> 'collected' AND model = ?");
    if (!statement) return statement.error();
    return read_count((*statement)->bind(model));
}

Result<std::uint64_t> Batches::count_beside(BatchRowId id, const std::string& model, TimePoint since,
                                            TimePoint until) {
    auto statement = database_.statement(
        "SELECT count(*) FROM batches WHERE id <> ? AND model = ? AND intent_at < ? AND (phase IN "
        "('creating', "
        "'watching') OR (batch_id IS NOT NULL AND ended_at > ?))");
    if (!statement) return statement.error();
    return read_count((*statement)->bind(id.value).bind(model).bind(until).bind(since));
}

Result<std::uint64_t> Batches::last_shard(JobId job) {
    auto statement = database_.statement("SELECT coalesce(max(shard), 0) FROM batches WHERE job_id = ?");
    if (!statement) return statement.error();
    return read_count((*statement)->bind(job.value));
}

Result<std::uint64_t> Batches::count_open(JobId job) {
    auto statement =
        database_.statement("SELECT count(*) FROM batches WHERE job_id = ? AND phase <> 'collected'");
    if (!statement) return statement.error();
    return read_count((*statement)->bind(job.value));
}

Result<void> Batches::expect_change(BatchRowId id, BatchPhase to) {
    const auto batch = find(id);
    if (!batch) return batch.error();
    if (*batch && may_change((*batch)->phase, to)) return {};
    return error(Errc::illegal, "batch row " + std::to_string(id.value) + " can't go from " +
                                    (*batch ? std::string(to_string((*batch)->phase)) : "nowhere") + " to " +
                                    std::string(to_string(to)));
}

Result<void> Batches::begin(BatchRowId id, BatchPhase intent, TimePoint at, const MadeUnder& under) {
    if (auto legal = expect_change(id, intent); !legal) return legal;
    auto statement = database_.statement(
        "UPDATE batches SET phase = ?1, status = ?1, intent_at = ?2, base_url = ?3, account = ?4,"
        " doubts = doubts + (?1 = 'creating') WHERE id = ?5");
    if (!statement) return statement.error();
    return (*statement)
        ->bind(to_string(intent))
        .bind(at)
        .bind_or_null(under.base_url)
        .bind_or_null(under.account)
        .bind(id.value)
        .run();
}

Result<void> Batches::record_account(BatchRowId id, const MadeUnder& under) {
    auto statement = database_.statement("UPDATE batches SET base_url = ?, account = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind_or_null(under.base_url).bind_or_null(under.account).bind(id.value).run();
}

Result<void> Batches::record_answered(BatchRowId id, TimePoint at) {
    auto statement =
        database_.statement("UPDATE batches SET answered_at = coalesce(answered_at, ?) WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(at).bind(id.value).run();
}

Result<void> Batches::record_recognised(BatchRowId id) {
    auto statement = database_.statement("UPDATE batches SET recognised = 1 WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(id.value).run();
}

Result<void> Batches::forget_doubts(BatchRowId id) {
    auto statement = database_.statement("UPDATE batches SET doubts = 0, answered_at = NULL WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(id.value).run();
}

Result<void> Batches::record_missing(BatchRowId id, std::optional<TimePoint> at) {
    auto statement = database_.statement(
        "UPDATE batches SET missing_since = iif(?1 IS NULL, NULL, coalesce(missing_since, ?1)) WHERE id = "
        "?2");
    if (!statement) return statement.error();
    return (*statement)->bind(at).bind(id.value).run();
}

Result<void> Batches::hold(BatchRowId id, const std::string& why, TimePoint at) {
    auto statement =
        database_.statement("UPDATE batches SET held = ?, held_since = coalesce(held_since, ?) WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(why).bind(at).bind(id.value).run();
}

Result<void> Batches::release(BatchRowId id) {
    auto statement = database_.statement("UPDATE batches SET held = NULL, held_since = NULL WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(id.value).run();
}

Result<std::vector<BatchRowId>> Batches::held(JobId job) {
    auto statement =
        database_.statement("SELECT id FROM batches WHERE job_id = ? AND held IS NOT NULL ORDER BY id");
    if (!statement) return statement.error();
    return read_ids<BatchRowId>((*statement)->bind(job.value));
}

Result<void> Batches::step_back(BatchRowId id, BatchPhase to, Effect effect) {
    if (auto legal = expect_change(id, to); !legal) return legal;
    auto statement = database_.statement(
        "UPDATE batches SET doubts = max(0, doubts - (?3 AND phase = 'creating')), phase = ?1, status = ?1,"
        " intent_at = NULL WHERE id = ?2");
    if (!statement) return statement.error();
    return (*statement)
        ->bind(to_string(to))
        .bind(id.value)
        .bind(std::int64_t{effect == Effect::none ? 1 : 0})
        .run();
}

Result<void> Batches::record_upload(BatchRowId id, const std::string& file_id) {
    if (auto legal = expect_change(id, BatchPhase::uploaded); !legal) return legal;
    auto statement = database_.statement(
        "UPDATE batches SET phase = 'uploaded', status = 'uploaded', input_file_id = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(file_id).bind(id.value).run();
}

Result<void> Batches::record_submission(BatchRowId id, const std::string& batch_id, const std::string& status,
                                        std::optional<TimePoint> expires_at, TimePoint at) {
    if (auto legal = expect_change(id, BatchPhase::watching); !legal) return legal;
    auto statement = database_.statement(
        "UPDATE batches SET phase = 'watching', batch_id = ?, status = ?, expires_at = ?, submitted_at = ?,"
        " status_since = ?, doubts = 0, answered_at = NULL, held = NULL, held_since = NULL WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(batch_id).bind(status).bind(expires_at).bind(at).bind(at).bind(id.value).run();
}

Result<void> Batches::record_sighting(BatchRowId id, const Sighting& sighting, TimePoint at) {
    return see(id, sighting, at, std::nullopt);
}

Result<void> Batches::record_end(BatchRowId id, const Sighting& sighting, TimePoint at) {
    if (auto legal = expect_change(id, BatchPhase::ended); !legal) return legal;
    if (auto seen = see(id, sighting, at, to_string(BatchPhase::ended)); !seen) return seen;
    auto statement =
        database_.statement("UPDATE batches SET outcome = ?, held = NULL, held_since = NULL WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(to_string(sighting.outcome)).bind(id.value).run();
}

Result<void> Batches::abandon(BatchRowId id, TimePoint at) {
    auto statement = database_.statement(
        "UPDATE batches SET phase = 'ended', outcome = 'abandoned', ended_at = coalesce(ended_at, ?), held = "
        "NULL,"
        " held_since = NULL WHERE id = ? AND phase <> 'collected'");
    if (!statement) return statement.error();
    return (*statement)->bind(at).bind(id.value).run();
}

Result<void> Batches::reopen(BatchRowId id, const Sighting& sighting, TimePoint at) {
    if (auto legal = expect_change(id, BatchPhase::watching); !legal) return legal;
    if (auto seen = see(id, sighting, at, to_string(BatchPhase::watching)); !seen) return seen;
    auto statement = database_.statement("UPDATE batches SET outcome = NULL, ended_at = NULL WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(id.value).run();
}

Result<void> Batches::see(BatchRowId id, const Sighting& sighting, TimePoint at,
                          std::optional<std::string_view> phase) {
    auto statement = database_.statement(
        "UPDATE batches SET status_since = iif(status = ?1, coalesce(status_since, ?8), ?8), status = ?1,"
        " completed = ?2, failed = ?3, expires_at = coalesce(?4, expires_at), output_file_id = ?5,"
        " error_file_id = ?6, error = ?7, polled_at = ?8, phase = coalesce(?9, phase),"
        " ended_at = iif(?9 IS NULL, ended_at, ?8) WHERE id = ?10");
    if (!statement) return statement.error();
    return (*statement)
        ->bind(sighting.status)
        .bind(sighting.completed)
        .bind(sighting.failed)
        .bind(sighting.expires_at)
        .bind_or_null(sighting.output_file_id)
        .bind_or_null(sighting.error_file_id)
        .bind_or_null(sighting.error)
        .bind(at)
        .bind(phase)
        .bind(id.value)
        .run();
}

Result<void> Batches::record_overdue(BatchRowId id, TimePoint at) {
    auto statement = database_.statement("UPDATE batches SET overdue_at = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(at).bind(id.value).run();
}

Result<void> Batches::record_cancel_sent(BatchRowId id, TimePoint at) {
    auto statement = database_.statement("UPDATE batches SET cancel_sent_at = ? WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)->bind(at).bind(id.value).run();
}

Result<bool> Batches::only_held_are_left() {
    // The first is cheap, and mostly false.
    auto statement = database_.statement(
        "SELECT EXISTS (SELECT 1 FROM conditions WHERE kind = 'held')"
        " AND NOT EXISTS (SELECT 1 FROM batches WHERE phase <> 'collected' AND held IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM jobs j WHERE state IN ('claimed', 'planned', 'running', 'delivering')"
        "  AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.job_id = j.id AND b.held IS NOT NULL))");
    if (!statement) return statement.error();
    const auto answer = read_count(**statement);
    if (!answer) return answer.error();
    return *answer != 0;
}

Result<std::uint64_t> Batches::count_overdue() {
    auto statement = database_.statement(
        "SELECT count(*) FROM batches WHERE phase = 'watching' AND phase <> 'collected'"
        " AND overdue_at IS NOT NULL");
    if (!statement) return statement.error();
    return read_count(**statement);
}

Result<void> Batches::record_collection(BatchRowId id, const Tally& tally, TimePoint at) {
    if (auto legal = expect_change(id, BatchPhase::collected); !legal) return legal;
    auto statement = database_.statement(
        "UPDATE batches SET phase = 'collected', completed = ?, failed = ?, lost = ?, input_tokens = ?,"
        " output_tokens = ?, collected_at = ?, held = NULL, held_since = NULL WHERE id = ?");
    if (!statement) return statement.error();
    return (*statement)
        ->bind(tally.succeeded)
        .bind(tally.failed)
        .bind(tally.lost)
        .bind(tally.input_tokens)
        .bind(tally.output_tokens)
        .bind(at)
        .bind(id.value)
        .run();
}

}  // namespace batchd::store
