// What a batch that has ended says of itself, asked by its id.

#include <algorithm>

#include "engine/cancel/leave_shared.hpp"
#include "engine/collect/collector.hpp"
#include "engine/look/whose_batch.hpp"
#include "engine/watch/sighting.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

/// Of a batch that has ended: what it has named and counted before is not taken back by a copy that lags.
store::Sighting seen_of(const store::Batch& batch, const provider::BatchObject& object) {
    store::Sighting sighting = sighting_of(object);
    if (sighting.output_file_id.empty()) sighting.output_file_id = batch.output_file_id;
    if (sighting.error_file_id.empty()) sighting.error_file_id = batch.error_file_id;
    sighting.completed = std::max(sighting.completed, batch.completed);
    sighting.failed = std::max(sighting.failed, batch.failed);
    return sighting;
}

}  // namespace

asio::awaitable<Collector::Asked> Collector::ask(Subject& subject) {
    Asked asked;
    auto object = co_await ports_.provider.retrieve(subject.batch.batch_id);
    if (!object) {
        // When the provider no longer knows it, what the row has must do.
        if (provider::says_it_is_not_there(object.error())) co_return asked;
        asked.wait = postponed(object.error(), "asking how a batch ended");
        asked.go_on = false;
        co_return asked;
    }
    if (co_await whose_batch(ports_.provider, subject.batch, *object) == Fit::foreign) {
        asked.wait = postponed(shows_another_batch(*object), "asking how a batch ended");
        asked.go_on = false;
        co_return asked;
    }
    // A list may show an end that the batch itself takes back; its own word, asked by its id, goes before.
    const bool is_as_before = object->status == provider::parse_status(subject.batch.status);
    if (!is_as_before && !provider::is_terminal(object->status)) {
        asked.wait = take_back(subject, *object);
        asked.go_on = false;
        co_return asked;
    }
    // Copies that disagree about which end it was agree that it is one: the patience with them goes on.
    if (!is_as_before)
        ports_.journal.note(EventKind::batch_status, subject.job, subject.batch,
                            "it was " + subject.batch.status + ", and is " + object->status_word + " now");
    const store::Sighting sighting = seen_of(subject.batch, *object);
    const provider::Identity account = ports_.provider.identity();
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto done = ports_.store.batches.record_sighting(subject.batch.id, sighting, ports_.clock.now());
        // The key may have been replaced by another of the same project.
        if (done && subject.batch.account != account.digest)
            done = ports_.store.batches.record_account(subject.batch.id, {account.base_url, account.digest});
        return done;
    });
    if (!recorded) {
        asked.wait = postponed(recorded.error());
        asked.go_on = false;
        co_return asked;
    }
    // It has answered here and now, whatever the row said before.
    subject.batch.base_url = account.base_url;
    subject.batch.account = account.digest;
    subject.batch.status = sighting.status;
    subject.batch.completed = sighting.completed;
    subject.batch.failed = sighting.failed;
    subject.batch.output_file_id = sighting.output_file_id;
    subject.batch.error_file_id = sighting.error_file_id;
    subject.batch.error = sighting.error;
    if (!sighting.usage.empty()) subject.batch.told_usage = sighting.usage;
    subject.errors = std::move(object->errors);
    co_return asked;
}

Progress Collector::take_back(const Subject& subject, const provider::BatchObject& object) {
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto done = ports_.store.batches.reopen(subject.batch.id, sighting_of(object), ports_.clock.now());
        // Who was cancelled while it seemed to have ended waited for its files, and would now for its end.
        if (done) {
            const auto left = cancelled_ones_leave(ports_.store, subject.batch, ports_.clock.now());
            if (!left) done = left.error();
        }
        if (done)
            ports_.journal.note(EventKind::batch_reopened, subject.job, subject.batch,
                                "it was " + subject.batch.status + ", and is " + object.status_word + " now");
        return done;
    });
    if (!recorded) return postponed(recorded.error());
    // What was seen of an end that was none proves nothing about the next one.
    looks_.erase(subject.batch.id.value);
    ports_.own_wakes.poller.raise();
    ports_.own_wakes.canceller.raise();  // a cancel may have come since
    ports_.wakes.deliverer.raise();
    ports_.wakes.progressed();
    return std::nullopt;
}

}  // namespace batchd::engine
