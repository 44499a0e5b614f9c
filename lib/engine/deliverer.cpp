#include "engine/deliverer.hpp"

#include "base/run_blocking.hpp"
#include "engine/delivery.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

// Two, so that a job of gigabytes does not hold up a small one.
constexpr unsigned kDelivererSlots = 2;

EventKind event_for(store::JobState state) {
    if (state == store::JobState::failed) return EventKind::job_failed;
    return state == store::JobState::cancelled ? EventKind::job_cancelled : EventKind::job_delivered;
}

std::string ending(const store::Job& job) {
    std::string text = with_commas(job.succeeded) + " answered, " + with_commas(job.failed) + " failed";
    return job.reason.empty() ? text : text + ": " + job.reason;
}

}  // namespace

Deliverer::Deliverer(Ports& ports)
    : ports_(ports),
      worker_(ports.clock, ports.wakes.deliverer, {.slots = kDelivererSlots, .backoff = ports.backoff()},
              {.find = ids_of([this](std::size_t count_max) {
                   return ports_.store.jobs.in_state(store::JobState::delivering, count_max);
               }),
               .work = [this](std::int64_t id) { return deliver_job(id); },
               .say = [this](std::int64_t id,
                             const std::string& why) { ports_.journal.waiting(store::JobId{id}, why); }}) {}

asio::awaitable<void> Deliverer::run() {
    return worker_.run();
}

asio::awaitable<Progress> Deliverer::deliver_job(std::int64_t id) {
    auto job = ports_.store.jobs.find(store::JobId{id});
    if (!job) co_return postponed(job.error());
    if (!*job || (*job)->state != store::JobState::delivering) co_return std::nullopt;
    auto batches = ports_.store.batches.of_job(store::JobId{id});
    if (!batches) co_return postponed(batches.error());
    Delivery delivery{std::move(**job), std::move(*batches)};
    const store::JobState state = final_state(delivery);
    if (state == store::JobState::failed && delivery.job.reason.empty()) {
        auto shared =
            co_await run_blocking(ports_.pool, [&] { return reason_of_failures(ports_.layout, delivery); });
        if (!shared) co_return postponed(shared.error());
        delivery.job.reason =
            shared->empty() ? "no request was answered; errors.jsonl says why for each" : *shared;
    }
    delivery.job.finished_at = ports_.clock.now();

    const Path outbox = ports_.settings.spool.outbox;
    auto folder =
        co_await run_blocking(ports_.pool, [&] { return deliver(ports_.layout, outbox, delivery); });
    if (!folder) co_return postponed(folder.error());

    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        Result<void> done;
        if (state == store::JobState::failed)
            done = ports_.store.jobs.record_reason(delivery.job.id, delivery.job.reason);
        if (done)
            done =
                ports_.store.jobs.finish(delivery.job.id, state, outbox / *folder, *delivery.job.finished_at);
        if (done)
            ports_.journal.note(event_for(state), delivery.job,
                                ending(delivery.job) + "; " + (outbox / *folder).string());
        return done;
    });
    if (!recorded) co_return postponed(recorded.error());
    ports_.wakes.cleaner.raise();
    ports_.wakes.progressed();
    co_return std::nullopt;
}

}  // namespace batchd::engine
