#include "engine/cancel/cancel_patience.hpp"

#include <algorithm>

#include "base/async/run_until.hpp"
#include "engine/cancel/cancel_deadline.hpp"
#include "engine/cancel/leave_shared.hpp"
#include "engine/look/whose_batch.hpp"
#include "engine/record/owner.hpp"
#include "engine/stage/holding.hpp"
#include "engine/stage/row_backoff.hpp"
#include "engine/watch/sighting.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using store::BatchPhase;

namespace {

// A provider that is closed to us would keep the call waiting for hours.
constexpr Millis kLastLookMax = std::chrono::seconds(5);
// A reload may have changed the patience.
constexpr Millis kSleepMax = std::chrono::minutes(10);

std::string what_is_left_open(const store::Batch& batch, const store::Sighting& seen, Millis patience) {
    return "the provider has not said for " + format_duration(patience) + " that it has ended" +
           (batch.cancel_sent_at ? "" : ", and was not told to cancel it") +
           " (its last word: " + seen.status + "); it may go on there and be charged";
}

}  // namespace

CancelPatience::CancelPatience(const Ports& ports, Hurry hurry) : ports_(ports), hurry_(std::move(hurry)) {}

asio::awaitable<void> CancelPatience::run() {
    for (;;) {
        auto due_in = co_await end_what_is_due();
        if (const auto next = leave_what_is_shared()) due_in = std::min(due_in.value_or(*next), *next);
        if (due_in)
            co_await ports_.own_wakes.cancel_patience.wait_for(ports_.clock, std::min(*due_in, kSleepMax));
        else
            co_await ports_.own_wakes.cancel_patience.wait();
    }
}

asio::awaitable<std::optional<Millis>> CancelPatience::end_what_is_due() {
    const auto waiting = ports_.store.batches.of_cancelled_jobs(ports_.name);
    if (!waiting) co_return complain(complaint_, waiting.error());
    complaint_.clear();
    const Millis patience = ports_.settings.retry.cancel_patience;
    std::optional<Millis> due_in;
    bool answers = true;
    for (const OfCancelled& batch : *waiting) {
        const TimePoint now = ports_.clock.now();
        const Millis left = std::chrono::ceil<Millis>(due(batch.phase, batch.asked_at, batch.ended_at) - now);
        if (left > Millis{0}) {
            due_in = std::min(due_in.value_or(left), left);
            continue;
        }
        const bool has_ended = batch.phase == BatchPhase::ended;
        if (batch.phase == BatchPhase::watching)
            co_await end(batch.id, answers);
        else if (!hurry(batch))
            continue;
        // From now on its results are waited for, and that has a deadline of its own.
        if (!has_ended) due_in = std::min({due_in.value_or(kCollectionMin), kCollectionMin, patience});
    }
    co_return due_in;
}

Millis CancelPatience::complain(Complaint& complaint, const Error& why) {
    complaint.say(to_string(why));
    return row_backoff(ports_.settings.retry).max;
}

std::optional<Millis> CancelPatience::leave_what_is_shared() {
    const auto waiting = ports_.store.parts.of_cancelled_jobs(ports_.name);
    if (!waiting) return complain(shared_complaint_, waiting.error());
    std::optional<Millis> due_in;
    for (const Cancelled& part : *waiting) {
        const TimePoint now = ports_.clock.now();
        const Millis left = std::chrono::ceil<Millis>(due(part.phase, part.asked_at, part.ended_at) - now);
        if (left > Millis{0}) {
            due_in = std::min(due_in.value_or(left), left);
            continue;
        }
        // Where all were cancelled, whoever has the batch was hurried, and gives each what is there.
        if (hurried_.contains({part.batch, part.phase == BatchPhase::ended})) continue;
        if (const auto done = leave(part); !done) return complain(shared_complaint_, done.error());
    }
    shared_complaint_.clear();
    return due_in;
}

Result<void> CancelPatience::leave(const Cancelled& part) {
    const auto batch = ports_.store.batches.find(part.batch);
    const auto job = ports_.store.jobs.find(part.job);
    if (!batch || !job) return batch ? job.error() : batch.error();
    if (!*batch || !*job) return {};
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        const auto left = leave_shared(ports_.store, part.batch, part.job, ports_.clock.now());
        if (!left) return left.error();
        if (*left)
            ports_.journal.note(
                EventKind::batch_left_open, **job, **batch,
                "others share it, and what it has for this job may be charged; " +
                    std::string(part.phase == BatchPhase::ended ? "its results can't be fetched"
                                                                : "it can't be seen whether it was sent"));
        return {};
    });
    if (!recorded) return recorded;
    ports_.own_wakes.canceller.raise();  // the others may have left before
    ports_.wakes.deliverer.raise();
    ports_.wakes.progressed();
    return {};
}

TimePoint CancelPatience::due(BatchPhase phase, TimePoint asked_at, std::optional<TimePoint> ended_at) const {
    const Millis patience = ports_.settings.retry.cancel_patience;
    const TimePoint now = ports_.clock.now();
    if (phase == BatchPhase::watching) return end_deadline(asked_at, patience, now);
    if (phase == BatchPhase::ended)
        return collection_deadline(asked_at, ended_at.value_or(asked_at), patience, now);
    return look_deadline(asked_at, since_, patience, now);
}

bool CancelPatience::hurry(const OfCancelled& batch) {
    const bool has_ended = batch.phase == BatchPhase::ended;
    if (!hurried_.emplace(batch.id, has_ended).second) return false;
    (has_ended ? hurry_.collector : hurry_.submitter)(batch.id);
    return true;
}

asio::awaitable<void> CancelPatience::end(store::BatchRowId id, bool& answers) {
    const auto batch = ports_.store.batches.find(id);
    if (!batch || !*batch || (*batch)->phase != BatchPhase::watching) co_return;
    std::optional<provider::BatchObject> object;
    const bool asks = answers || ports_.provider.is_on_our_disk();
    if (asks && !is_elsewhere((*batch)->base_url, ports_.provider.identity()))
        object = co_await last_look(**batch);
    // Where one has no answer, a hundred others are not waited for; those on our own disk answer each for
    // itself.
    answers = object.has_value();
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        // The poller may have seen its end while it was asked here.
        const auto now_seen = ports_.store.batches.find(id);
        if (!now_seen) return now_seen.error();
        if (!*now_seen || (*now_seen)->phase != BatchPhase::watching) return {};
        const auto job = owner_of(ports_.store, **now_seen);
        if (!job) return job.error();
        return *job ? record_end(**now_seen, **job, object) : Result<void>();
    });
    if (!recorded) complaint_.say(to_string(recorded.error()));
    ports_.own_wakes.collector.raise();
    ports_.own_wakes.submitter.raise();  // its tokens no longer count
    ports_.wakes.progressed();
}

asio::awaitable<std::optional<provider::BatchObject>> CancelPatience::last_look(const store::Batch& batch) {
    std::optional<provider::BatchObject> seen;
    auto look = [&]() -> asio::awaitable<void> {
        auto object = co_await ports_.provider.end_now(batch.batch_id);
        if (!object) co_return;
        const Fit fit = co_await whose_batch(ports_.provider, batch, *object);
        // The object of another batch says nothing about the end of ours.
        if (fit != Fit::foreign && !hides_itself(fit, batch, *object)) seen = std::move(*object);
    };
    co_await run_within(ports_.clock, kLastLookMax, look());
    co_return seen;
}

Result<void> CancelPatience::record_end(const store::Batch& batch, const store::Job& job,
                                        const std::optional<provider::BatchObject>& object) {
    // What was seen last stands for what nobody answers any more.
    store::Sighting end;
    end.status = batch.status;
    end.completed = batch.completed;
    end.failed = batch.failed;
    end.output_file_id = batch.output_file_id;
    end.error_file_id = batch.error_file_id;
    end.error = batch.error;
    if (object) end = sighting_of(*object);
    const bool has_ended = object && provider::is_terminal(object->status);
    // On record as our verdict and not as a word of the provider's: its files may never be fetched.
    if (!has_ended) end.outcome = store::Outcome::unanswered_cancel;
    auto done = holding_.release(batch, "its job was cancelled");
    if (done) done = ports_.store.batches.record_end(batch.id, end, ports_.clock.now());
    if (!done) return done;
    if (has_ended)
        ports_.journal.note(EventKind::batch_ended, job, batch, end.status);
    else
        ports_.journal.note(EventKind::batch_left_open, job, batch,
                            what_is_left_open(batch, end, ports_.settings.retry.cancel_patience));
    return {};
}

}  // namespace batchd::engine
