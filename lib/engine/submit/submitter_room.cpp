// Whether a batch may be sent now: by its job's terms, and by the provider's room for its enqueued tokens.

#include "base/backoff.hpp"
#include "engine/room/token_room.hpp"
#include "engine/submit/submitter.hpp"
#include "engine/terms/terms.hpp"
#include "provider/token_limit.hpp"

namespace batchd::engine {

using store::BatchPhase;

namespace {

constexpr Millis kTokenRoomWait = std::chrono::minutes(5);  // somebody else's batches may end as well

std::string too_many_tokens(const store::Batch& batch, std::uint64_t limit) {
    return "about " + with_commas(batch.estimated_tokens) + " tokens for a limit of " + with_commas(limit) +
           " enqueued tokens of " + batch.model;
}

Progress wait_for_room(const store::Batch& batch, std::string why, Millis at_most) {
    // All that wait for the same model stand in one queue: when there is room, the first of them are tried
    // and not all.
    return Postponed{.why = std::move(why),
                     .until = Postponed::Until::woken_or_delay,
                     .delay = at_most,
                     .queue = "room for " + batch.model,
                     .priority = batch.priority};
}

}  // namespace

Submitter::Clearance Submitter::clear(const store::Batch& batch, const store::Job& job) {
    auto terms = terms_of(job, ports_.settings);
    if (!terms) return {.wait = hold_without_terms(batch, terms.error())};
    if (auto wait = let_go(batch, "its terms can be read again")) return {.wait = std::move(wait)};
    const auto limit = limit_of(batch, *terms);
    if (const auto why = too_large(batch, job, limit)) return {.wait = end_as_too_large(batch, *why)};
    if (auto wait = wait_for_turn(batch, *terms, limit)) return {.wait = std::move(wait)};
    return {.terms = std::move(*terms)};
}

Progress Submitter::hold_without_terms(const store::Batch& batch, const Error& why) {
    const auto held = ports_.store.database.transact([&] { return holding_.hold(batch, why.context); });
    return held ? Postponed{.why = why.context, .is_its_own = true} : postponed(held.error());
}

std::optional<std::uint64_t> Submitter::limit_of(const store::Batch& batch, const Terms& terms) const {
    return holds_.limit_of(batch.model, terms.batch.enqueued_tokens, ports_.clock.uptime());
}

std::optional<std::string> Submitter::too_large(const store::Batch& batch, const store::Job& job,
                                                std::optional<std::uint64_t> limit) const {
    // Decided before the database was lost: its parts may be at the provider already.
    const auto is_cut =
        file_exists(ports_.layout.shard_file(job.key, {batch.shard, batch.attempt}, spool::ShardFile::cut));
    if (is_cut && *is_cut) return "it is in parts already";
    const Room room = room_for({.requests = batch.requests,
                                .estimated_tokens = batch.estimated_tokens,
                                .size_bytes = batch.size_bytes,
                                .limit = limit});
    if (room != Room::cut) return std::nullopt;
    return too_many_tokens(batch, *limit);
}

Progress Submitter::end_as_too_large(const store::Batch& batch, const std::string& why) {
    store::Sighting end;
    end.status = "too_large";
    end.outcome = store::Outcome::too_large;
    end.error = why;
    if (auto ended = ports_.store.batches.record_end(batch.id, end, ports_.clock.now()); !ended)
        return postponed(ended.error());
    ports_.own_wakes.collector.raise();
    ports_.own_wakes.submitter.raise();  // there is room for others
    return std::nullopt;
}

Progress Submitter::wait_for_turn(const store::Batch& batch, const Terms& terms,
                                  std::optional<std::uint64_t> limit) {
    if (const auto held = holds_.held_for(batch.model, ports_.clock.uptime()))
        return wait_for_room(batch, holds_.why_held(batch.model), *held);
    if (!limit) return std::nullopt;  // counting reads a row of each batch in flight
    const auto enqueued = ports_.store.batches.enqueued_tokens(ports_.name, batch.model);
    if (!enqueued) return postponed(enqueued.error());
    const bool admitted = admission_.admit({.row = batch.id.value,
                                            .model = batch.model,
                                            .tokens = batch.estimated_tokens,
                                            .enqueued = *enqueued,
                                            .limit = limit});
    if (admitted) return std::nullopt;
    const bool is_configured = terms.batch.enqueued_tokens.contains(batch.model);
    return wait_for_room(batch,
                         (is_configured ? "batch.enqueued_tokens" : "the limit that the provider named") +
                             std::string(" has no room for more tokens of ") + batch.model,
                         kTokenRoomWait);
}

Progress Submitter::no_room(const store::Batch& batch, const store::Job& job,
                            const provider::Failure& failure) {
    const Millis now = ports_.clock.uptime();
    if (const auto named = provider::named_token_limit(failure.message))
        holds_.learn_limit(batch.model, *named, now);
    const auto beside = ports_.store.batches.count_beside(
        batch.id, ports_.name, batch.model, ports_.clock.now(), ports_.clock.now() + std::chrono::seconds(1));
    if (!beside) return postponed(beside.error());
    auto allowed = holds_.learnt_limit(batch.model, now);
    // Without terms there is no limit of ours: it was sent while they could be read, and is not sent again.
    if (!allowed)
        if (const auto terms = terms_of(job, ports_.settings)) allowed = limit_of(batch, *terms);
    const std::uint64_t limit = allowed.value_or(0);
    const Room room = room_for({.requests = batch.requests,
                                .estimated_tokens = batch.estimated_tokens,
                                .size_bytes = batch.size_bytes,
                                .limit = limit == 0 ? std::nullopt : std::optional(limit),
                                .refusals_alone = holds_.refused(job.key, batch.shard, *beside)});
    ports_.journal.note(EventKind::token_limit, job, batch, provider::to_string(failure));
    if (room != Room::wait)
        return end_as_too_large(batch, too_many_tokens(batch, limit) + ": " + provider::to_string(failure));
    if (auto back = ports_.store.batches.step_back(batch.id, BatchPhase::uploaded); !back)
        return postponed(back.error());
    if (is_withdrawn(batch)) return std::nullopt;  // withdrawn next
    const Millis delay = holds_.hold(batch.model, now, random_jitter());
    return wait_for_room(batch, holds_.why_held(batch.model), delay);
}

}  // namespace batchd::engine
