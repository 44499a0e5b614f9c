/// What changes a row of the table `batches`. A change of its phase is held against the table of states.hpp
/// first, which needs no transaction of its own: one thread writes this table, and does nothing else in
/// between.

#include "store/tables/batches.hpp"

namespace batchd::store {

Result<void> Batches::expect_change(BatchRowId id, BatchPhase to) {
    const auto phase = database_.query_first<BatchPhase>("SELECT phase FROM batches WHERE id = ?", id);
    if (!phase) return phase.error();
    if (*phase && may_change(**phase, to)) return {};
    const std::string from(*phase ? to_string(**phase) : "nowhere");
    return error(Errc::illegal, "batch row " + std::to_string(id.value) + " can't go from " + from + " to " +
                                    std::string(to_string(to)));
}

// Before a call that costs.

Result<void> Batches::begin(BatchRowId id, BatchPhase intent, TimePoint at, const MadeUnder& under) {
    if (auto legal = expect_change(id, intent); !legal) return legal;
    // A create is a doubt from here on, not from its failure on: a crash in between must leave one as well.
    return database_.run(
        "UPDATE batches SET phase = ?1, status = ?1, intent_at = ?2, base_url = ?3, account = ?4,"
        " doubts = doubts + (?1 = 'creating') WHERE id = ?5",
        intent, at, OrNull{under.base_url}, OrNull{under.account}, id);
}

Result<void> Batches::step_back(BatchRowId id, BatchPhase to, Effect effect) {
    if (auto legal = expect_change(id, to); !legal) return legal;
    // Nothing found is no proof of nothing there, so only the provider's own word takes a doubt back.
    const bool is_settled = effect == Effect::none;
    return database_.run(
        "UPDATE batches SET doubts = max(0, doubts - (?3 AND phase = 'creating')), phase = ?1, status = ?1,"
        " intent_at = NULL WHERE id = ?2",
        to, id, is_settled);
}

Result<void> Batches::record_account(BatchRowId id, const MadeUnder& under) {
    return database_.run("UPDATE batches SET base_url = ?, account = ? WHERE id = ?", OrNull{under.base_url},
                         OrNull{under.account}, id);
}

Result<void> Batches::record_answered(BatchRowId id, TimePoint at, const std::string& with) {
    return database_.run(
        "UPDATE batches SET answered_at = coalesce(answered_at, ?), answered_with = coalesce(answered_with, "
        "?)"
        " WHERE id = ?",
        at, OrNull{with}, id);
}

Result<void> Batches::record_input_file(BatchRowId id, const std::string& file_id) {
    return database_.run("UPDATE batches SET input_file_id = ? WHERE id = ?", file_id, id);
}

Result<void> Batches::record_recognised(BatchRowId id) {
    return database_.run("UPDATE batches SET recognised = 1 WHERE id = ?", id);
}

Result<void> Batches::forget_doubts(BatchRowId id) {
    return database_.run(
        "UPDATE batches SET doubts = 0, answered_at = NULL, answered_with = NULL WHERE id = ?", id);
}

// While it waits for somebody. Triggers of the schema keep `conditions` in step with `held`, whoever writes
// it.

Result<void> Batches::hold(BatchRowId id, const std::string& why, TimePoint at) {
    return database_.run("UPDATE batches SET held = ?, held_since = coalesce(held_since, ?) WHERE id = ?",
                         why, at, id);
}

Result<void> Batches::release(BatchRowId id) {
    return database_.run("UPDATE batches SET held = NULL, held_since = NULL WHERE id = ?", id);
}

Result<void> Batches::record_missing(BatchRowId id, std::optional<TimePoint> at) {
    return database_.run(
        "UPDATE batches SET missing_since = iif(?1 IS NULL, NULL, coalesce(missing_since, ?1)) WHERE id = ?2",
        at, id);
}

// At the provider. Whatever settles a doubt ends the hold in the same statement: a crash between the two
// would leave a batch that nobody has to decide about any more waiting for a person.

Result<void> Batches::record_upload(BatchRowId id, const std::string& file_id) {
    if (auto legal = expect_change(id, BatchPhase::uploaded); !legal) return legal;
    return database_.run(
        "UPDATE batches SET phase = 'uploaded', status = 'uploaded', input_file_id = ? WHERE id = ?", file_id,
        id);
}

Result<void> Batches::record_submission(BatchRowId id, const std::string& batch_id, const std::string& status,
                                        std::optional<TimePoint> expires_at, TimePoint at) {
    if (auto legal = expect_change(id, BatchPhase::watching); !legal) return legal;
    return database_.run(
        "UPDATE batches SET phase = 'watching', batch_id = ?, status = ?, expires_at = ?, submitted_at = ?,"
        " status_since = ?, doubts = 0, answered_at = NULL, held = NULL, held_since = NULL WHERE id = ?",
        batch_id, status, expires_at, at, at, id);
}

Result<void> Batches::record_sighting(BatchRowId id, const Sighting& sighting, TimePoint at) {
    // Without `held` and `phase`, though they would stay the same: naming a column costs its triggers and
    // indexes, and this runs for every batch at every poll. A sighting that names no expiry, or no files,
    // does not take back the last: a copy that lags shows a batch without what it has named before.
    return database_.run(
        "UPDATE batches SET status_since = iif(status = ?1, coalesce(status_since, ?8), ?8), status = ?1,"
        " completed = ?2, failed = ?3, expires_at = coalesce(?4, expires_at),"
        " output_file_id = coalesce(?5, output_file_id), error_file_id = coalesce(?6, error_file_id),"
        " error = ?7, polled_at = ?8, told_usage = coalesce(?9, told_usage)"
        " WHERE id = ?10",
        sighting.status, sighting.completed, sighting.failed, sighting.expires_at,
        OrNull{sighting.output_file_id}, OrNull{sighting.error_file_id}, OrNull{sighting.error}, at,
        OrNull{sighting.usage}, id);
}

Result<void> Batches::record_repeated(BatchRowId id, std::uint64_t possibly_repeated) {
    return database_.run("UPDATE batches SET possibly_repeated = ? WHERE id = ?", possibly_repeated, id);
}

Result<void> Batches::record_deadline(BatchRowId id, TimePoint at) {
    return database_.run("UPDATE batches SET deadline_at = coalesce(deadline_at, ?) WHERE id = ?", at, id);
}

Result<void> Batches::record_overdue(BatchRowId id, TimePoint at) {
    return database_.run("UPDATE batches SET overdue_at = ? WHERE id = ?", at, id);
}

Result<void> Batches::record_cancel_sent(BatchRowId id, TimePoint at) {
    return database_.run("UPDATE batches SET cancel_sent_at = ? WHERE id = ?", at, id);
}

// What is recorded once a batch has ended.

Result<void> Batches::change_phase(BatchRowId id, const Sighting& sighting, TimePoint at, BatchPhase to,
                                   std::optional<Outcome> outcome) {
    if (auto legal = expect_change(id, to); !legal) return legal;
    // All in one statement: an end on record without the files of its answers would have its requests sent
    // again.
    return database_.run(
        "UPDATE batches SET status_since = iif(status = ?1, coalesce(status_since, ?8), ?8), status = ?1,"
        " completed = ?2, failed = ?3, expires_at = coalesce(?4, expires_at),"
        " output_file_id = coalesce(?5, output_file_id), error_file_id = coalesce(?6, error_file_id),"
        " error = ?7, polled_at = ?8, phase = ?9, outcome = ?10,"
        " ended_at = iif(?9 = 'ended', ?8, NULL), held = iif(?9 = 'ended', NULL, held),"
        " held_since = iif(?9 = 'ended', NULL, held_since), told_usage = coalesce(?11, told_usage)"
        " WHERE id = ?12",
        sighting.status, sighting.completed, sighting.failed, sighting.expires_at,
        OrNull{sighting.output_file_id}, OrNull{sighting.error_file_id}, OrNull{sighting.error}, at, to,
        outcome, OrNull{sighting.usage}, id);
}

Result<void> Batches::record_end(BatchRowId id, const Sighting& sighting, TimePoint at) {
    return change_phase(id, sighting, at, BatchPhase::ended, sighting.outcome);
}

Result<void> Batches::reopen(BatchRowId id, const Sighting& sighting, TimePoint at) {
    // What was held stays so: that the provider took its word back does not answer what a person was asked.
    return change_phase(id, sighting, at, BatchPhase::watching, std::nullopt);
}

Result<void> Batches::abandon(BatchRowId id, TimePoint at) {
    // A person's word goes from any phase, so the table of changes is not asked; only what is collected stays
    // as it is, for its answers are in the job's files already.
    return database_.run(
        "UPDATE batches SET phase = 'ended', outcome = 'abandoned', ended_at = coalesce(ended_at, ?),"
        " held = NULL, held_since = NULL WHERE id = ? AND phase <> 'collected'",
        at, id);
}

Result<void> Batches::record_collection(BatchRowId id, const Tally& tally, TimePoint at) {
    if (auto legal = expect_change(id, BatchPhase::collected); !legal) return legal;
    auto done = database_.run(
        "UPDATE batches SET phase = 'collected', completed = ?, failed = ?, lost = ?, input_tokens = ?,"
        " output_tokens = ?, cached_tokens = ?, reasoning_tokens = ?, cost = ?, cost_sync = ?, unpriced = ?,"
        " prices = ?, collected_at = ?, held = NULL, held_since = NULL WHERE id = ?",
        tally.succeeded, tally.failed, tally.lost, tally.input_tokens, tally.output_tokens,
        tally.spent.cached_tokens, tally.spent.reasoning_tokens, tally.spent.cost, tally.spent.cost_sync,
        tally.spent.unpriced, OrNull{tally.prices}, at, id);
    if (!done) return done;
    // One that is not shared is its job's alone, and so is what it came to.
    return database_.run(
        "UPDATE parts SET completed = ?2, failed = ?3, lost = ?4, input_tokens = ?5, output_tokens = ?6,"
        " cached_tokens = ?7, reasoning_tokens = ?8, cost = ?9, cost_sync = ?10, unpriced = ?11"
        " WHERE batch = ?1 AND (SELECT bundle FROM batches WHERE id = ?1) IS NULL",
        id, tally.succeeded, tally.failed, tally.lost, tally.input_tokens, tally.output_tokens,
        tally.spent.cached_tokens, tally.spent.reasoning_tokens, tally.spent.cost, tally.spent.cost_sync,
        tally.spent.unpriced);
}

}  // namespace batchd::store
