// What follows when the provider says that it has no such batch.

#include "engine/look/answer_fit.hpp"
#include "engine/stage/holding.hpp"
#include "engine/watch/absence.hpp"
#include "engine/watch/poller.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;

asio::awaitable<void> Poller::judge_absent(Round& round) {
    if (round.absent.empty()) {
        absent_.clear();
        co_return;
    }
    // Where nothing else is in flight, what is on record of others must do.
    if (!round.any_seen) round.any_seen = co_await listing_shows_ours();
    const auto& [first, no] = round.absent.front();
    absent_.say("polling: not found: " + count_of(round.absent.size(), "batch", "batches") +
                ", the first: " + first.batch_id + ": " + provider::to_string(no));
    for (const auto& [watched, failure] : round.absent) {
        const auto taken =
            ports_.store.database.transact([&] { return missing(watched, failure, round.any_seen); });
        if (!taken) complaint_.say(to_string(taken.error()));
    }
}

asio::awaitable<bool> Poller::listing_shows_ours() {
    auto page = co_await ports_.provider.list_batches("");
    if (!page) co_return false;
    for (const BatchObject& object : page->items)
        if (const auto known = ports_.store.batches.knows(object.id); known && *known) co_return true;
    co_return false;
}

Result<void> Poller::missing(const Watched& watched, const provider::Failure& failure, bool other_is_there) {
    const auto batch = ports_.store.batches.find(watched.id);
    if (!batch) return batch.error();
    if (!*batch || (*batch)->phase != store::BatchPhase::watching) return {};
    const provider::Identity account = ports_.provider.identity();
    const TimePoint now = ports_.clock.now();
    const AbsenceSeen seen{
        .in_own_words = failure.in_own_words,
        .missing_since = (*batch)->missing_since,
        .looks = failure.in_own_words ? ++absences_[watched.id.value] : 1U,
        .submitted_at = watched.submitted_at,
        // Under another key or address "not found" is what every batch of ours would be answered with.
        .same_account = (*batch)->account == account.digest && (*batch)->base_url == account.base_url,
        .other_is_there = other_is_there};
    switch (judge_absence(seen, now)) {
        case Absence::says_nothing:
            return {};
        case Absence::missing:
            return ports_.store.batches.record_missing(watched.id, now);
        case Absence::held:
            return holding_.hold(**batch, why_held_missing(seen, now, base_url_key(ports_.name)));
        case Absence::gone:
            break;
    }
    return gone(**batch, failure);
}

Result<void> Poller::gone(const store::Batch& batch, const provider::Failure& failure) {
    store::Sighting end;
    end.status = "gone";
    end.outcome = store::Outcome::gone;
    end.error = provider::to_string(failure);
    auto done = holding_.release(batch, "the provider no longer has it");
    if (done) done = ports_.store.batches.record_end(batch.id, end, ports_.clock.now());
    if (!done) return done;
    ports_.journal.note(EventKind::batch_gone, batch.batch_id + ": " + end.error);
    holds_.release(batch.model);
    ports_.own_wakes.collector.raise();
    ports_.own_wakes.submitter.raise();  // its tokens no longer count
    return {};
}

}  // namespace batchd::engine
