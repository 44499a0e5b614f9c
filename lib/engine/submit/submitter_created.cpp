// What follows when a batch is at the provider: its answer to a create is held against what was asked, and it
// goes on record.

#include "engine/cancel/leave_shared.hpp"
#include "engine/fallback/fallback_rules.hpp"
#include "engine/look/answer_fit.hpp"
#include "engine/look/whose_batch.hpp"
#include "engine/submit/submitter.hpp"
#include "engine/terms/terms.hpp"

namespace batchd::engine {

using store::BatchPhase;

namespace {

/// The provider's word, where it has one.
std::string status_of(const provider::BatchObject& object) {
    return object.status_word.empty() ? "unknown" : object.status_word;
}

}  // namespace

Submitter::Step Submitter::take_created(const store::Batch& batch, const store::Job& job,
                                        provider::BatchObject object) {
    Fit fit = co_await whose_batch(ports_.provider, batch, object);
    const auto known = ports_.store.batches.knows(object.id);
    if (!known) co_return postponed(known.error());
    // A batch has one row. An id that another row has is an old answer, given once more by a cache or a
    // gateway.
    if (*known) fit = Fit::foreign;
    std::string made_of = object.input_file_id;
    if (fit == Fit::unclear && made_of.empty()) {
        // The answer shows nothing of itself; what the batch says of itself under its id may.
        auto shown = co_await ports_.provider.retrieve(object.id);
        if (shown) fit = co_await whose_batch(ports_.provider, batch, *shown);
        if (shown) made_of = shown->input_file_id;
        // Nobody knows yet, or not under this id; a search through the listing will tell.
        if (!shown) fit = Fit::foreign;
    }
    // It says that it is made of another file, which can't be asked for to see whether it is ours.
    if (fit == Fit::unclear && !made_of.empty()) fit = Fit::foreign;
    // One that is there and shows nothing at all is taken for what it was the answer to.
    if (fit != Fit::foreign) co_return record_created(batch, job, object);
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        ports_.journal.note(EventKind::doubt, job, batch,
                            "create: answered with " + object.id + ", which is another batch");
        return ports_.store.batches.record_answered(batch.id, ports_.clock.now(), object.id);
    });
    if (!recorded) co_return postponed(recorded.error());
    co_return std::nullopt;  // the row is in `creating`: looked for next
}

Result<void> Submitter::record_deadline(const store::Batch& batch, const store::Job& job, TimePoint at) {
    const auto terms = terms_of(job, ports_.settings);
    if (!terms) return {};  // they could be read when it was sent; the collector says what is wrong
    const auto deadline = deadline_for(*terms, batch, at);
    if (!deadline) return {};
    ports_.own_wakes.deadline.raise();
    return ports_.store.batches.record_deadline(batch.id, *deadline);
}

Progress Submitter::record_created(const store::Batch& batch, const store::Job& job,
                                   const provider::BatchObject& object) {
    store::Batch on_record = batch;
    on_record.batch_id = object.id;
    lost_.note(batch, job, object.id);  // first: what the database knows, work/ knows as well
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto submitted = ports_.store.batches.record_submission(batch.id, object.id, status_of(object),
                                                                object.expires_at, ports_.clock.now());
        const AskedBatch asked{batch.key, batch.input_file_id, batch.endpoint};
        if (submitted && fit_of(object, asked) == Fit::ours)
            submitted = ports_.store.batches.record_recognised(batch.id);
        // There are gateways that repeat what they forward: one look finds the second batch.
        if (submitted) submitted = ports_.store.repeats.watch(batch.id, glance_until());
        // With the submission and not after it: a crash in between would leave a batch that is never late.
        if (submitted) submitted = record_deadline(batch, job, ports_.clock.now());
        if (submitted)
            ports_.journal.note(EventKind::batch_created, job, on_record,
                                with_commas(batch.requests) + " requests to " + batch.endpoint + ", model " +
                                    batch.model + ", shard " + std::to_string(batch.shard) + " attempt " +
                                    std::to_string(batch.attempt));
        return submitted;
    });
    if (!recorded) return postponed(recorded.error());
    // A cancel that came while the create was under way found no id that it could cancel.
    if (is_withdrawn(batch)) ports_.own_wakes.canceller.raise();
    holds_.accepted(batch.model);  // it may still fail in validation: its refusals stay counted
    // Forgotten only now: where the commit fails, the row is settled again, and with what was known of it.
    invisible_.erase(batch.id.value);
    refusals_.erase(batch.id.value);
    refused_at_.erase(batch.id.value);
    refused_on_the_way_.erase(batch.id.value);
    doubts_.erase(batch.id.value);
    ports_.own_wakes.twins.raise();
    ports_.own_wakes.poller.raise();
    ports_.wakes.progressed();
    return std::nullopt;
}

/// Takes in one go the steps that were taken before the database was lost.
Progress Submitter::adopt(const store::Batch& batch, const store::Job& job,
                          const provider::BatchObject& object) {
    // When it was made and not when we found it: its deadline, and how long it takes, are counted from there.
    const TimePoint made_at = object.created_at == TimePoint{} ? batch.created_at : object.created_at;
    store::Batches& batches = ports_.store.batches;
    lost_.note(batch, job, object.id);
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto done = ports_.store.parts.start_jobs(batch.id);
        // Through the same phases as one that is sent now: what is counted by them, and looked for by its
        // file, finds it like any other.
        if (done && batch.phase == BatchPhase::planned)
            done = batches.begin(batch.id, BatchPhase::uploading, made_at, made_under());
        if (done && batch.phase != BatchPhase::uploaded)
            done = batches.record_upload(batch.id, object.input_file_id);
        if (done) done = batches.begin(batch.id, BatchPhase::creating, made_at, made_under());
        if (done)
            done =
                batches.record_submission(batch.id, object.id, status_of(object), object.expires_at, made_at);
        if (done) done = record_deadline(batch, job, made_at);
        // A cancel that came before it was found had nothing to leave.
        if (done) {
            const auto left = cancelled_ones_leave(ports_.store, batch, ports_.clock.now());
            if (!left) done = left.error();
        }
        if (done)
            ports_.journal.note(EventKind::doubt_settled, job, batch,
                                object.id + " is at the provider already, and is adopted");
        return done;
    });
    if (!recorded) return postponed(recorded.error());
    refused_at_.erase(batch.id.value);
    if (is_withdrawn(batch)) {
        ports_.own_wakes.canceller.raise();
        ports_.wakes.deliverer.raise();
    }
    ports_.own_wakes.poller.raise();
    ports_.wakes.progressed();
    return std::nullopt;
}

}  // namespace batchd::engine
