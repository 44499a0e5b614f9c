// What is not sent any more: for a cancel, a deadline, or because somebody has decided so.

#include "base/units.hpp"
#include "engine/fallback/fallback_rules.hpp"
#include "engine/record/owner.hpp"
#include "engine/submit/submitter.hpp"

namespace batchd::engine {

using store::BatchPhase;

void Submitter::take_up_cancel(store::JobId job) {
    const auto batches = ports_.store.batches.of_job(job);
    if (!batches) return;  // each comes to its turn without us
    for (const store::Batch& batch : *batches)
        if (batch.provider != ports_.name)
            continue;
        else if (batch.phase == BatchPhase::creating)
            worker_.take_up(batch.id.value);
        else if (is_ours_still(batch.phase))
            worker_.interrupt(batch.id.value);
    ports_.own_wakes.submitter.raise();
}

void Submitter::hurry(store::BatchRowId id) {
    hurried_.insert(id.value);
    if (in_create_.contains(id.value))
        worker_.take_up(id.value);
    else
        worker_.interrupt(id.value);
}

void Submitter::take_up_late(store::BatchRowId id) {
    worker_.interrupt(id.value);
}

void Submitter::drop(store::BatchRowId id) {
    worker_.interrupt(id.value);
    doubts_.erase(id.value);
}

bool Submitter::is_withdrawn(const store::Batch& batch) const {
    const auto withdrawn = must_not_be_sent(ports_.store, batch);
    return withdrawn && *withdrawn;
}

bool Submitter::is_taken_back(const store::Batch& batch) const {
    return is_withdrawn(batch) || is_late(batch, ports_.clock.now());
}

Submitter::Step Submitter::withdraw(const store::Batch& batch, const store::Job& job) {
    store::Sighting end;
    end.status = "cancelled";
    end.outcome = store::Outcome::withdrawn;
    const bool is_cancel = is_withdrawn(batch);
    end.error = !is_cancel          ? "the deadline was over before this batch was submitted"
                : batch.is_shared() ? "a job was cancelled before the batch that it shares was submitted"
                                    : "the job was cancelled before this batch was submitted";
    co_return end_as(batch, job, end, EventKind::batch_withdrawn,
                     with_commas(batch.requests) + " requests, shard " + std::to_string(batch.shard) +
                         " attempt " + std::to_string(batch.attempt));
}

Submitter::Step Submitter::give_up(const store::Batch& batch, const store::Job& job) {
    const bool in_doubt = batch.phase == BatchPhase::creating;
    const bool may_be_there =
        in_doubt || lost_.may_have_been_sent(batch, job) || refused_at_.contains(batch.id.value);
    if (!may_be_there) co_return co_await withdraw(batch, job);
    store::Sighting end;
    end.status = "cancelled";
    end.outcome = store::Outcome::unanswered_cancel;
    end.error =
        std::string("the job was cancelled ") +
        (in_doubt ? "while its create was in doubt" : "before anybody could see whether it was sent") +
        ": a batch of it may run at the provider";
    co_return end_as(batch, job, end, EventKind::batch_abandoned, end.error);
}

Progress Submitter::end_as(const store::Batch& batch, const store::Job& job, const store::Sighting& end,
                           EventKind told, const std::string& detail) {
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        // An upload may be on its way: what comes of it is looked for and deleted when the job is cleaned up.
        if (batch.phase == BatchPhase::uploading)
            if (auto noted = ports_.store.repeats.record(batch.id, std::nullopt); !noted) return noted;
        auto ended = ports_.store.batches.record_end(batch.id, end, ports_.clock.now());
        if (ended) ports_.journal.note(told, job, batch, detail);
        return ended;
    });
    if (!recorded) return postponed(recorded.error());
    doubts_.erase(batch.id.value);
    invisible_.erase(batch.id.value);
    hurried_.erase(batch.id.value);
    refused_at_.erase(batch.id.value);
    ports_.own_wakes.collector.raise();
    ports_.own_wakes.submitter.raise();  // there is room for more tokens
    return std::nullopt;
}

}  // namespace batchd::engine
