#include "engine/cancel/canceller.hpp"

#include <algorithm>

#include "engine/record/owner.hpp"
#include "engine/stage/holding.hpp"
#include "engine/stage/row_backoff.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::FailureKind;

namespace {

/// The batch has ended already, or is about to: providers say so in different words, and a page on the way to
/// them does not count.
bool comes_too_late(const provider::Failure& failure) {
    return failure.in_own_words &&
           (failure.kind == FailureKind::conflict || failure.kind == FailureKind::refused);
}

}  // namespace

Canceller::Canceller(const Ports& ports)
    : ports_(ports),
      worker_(
          ports.clock, ports.own_wakes.canceller,
          {.slots = ports.account.max_connections, .backoff = row_backoff(ports.retry)},
          {.find = ids_of([this](std::size_t count_max) {
               ports_.own_wakes.cancel_patience.raise();  // there may be a new deadline
               return find(count_max);
           }),
           .work = [this](std::int64_t id) { return cancel(id); },
           .say = [this](std::int64_t id,
                         const std::string& why) { ports_.journal.waiting(store::BatchRowId{id}, why); }}) {}

asio::awaitable<void> Canceller::run() {
    return worker_.run();
}

Result<std::vector<store::BatchRowId>> Canceller::find(std::size_t count_max) {
    auto found = ports_.store.batches.to_cancel(ports_.name, count_max);
    if (!found) return found.error();
    // What is late is cancelled as well: what it has answered by then is kept, and the rest goes to the
    // fallback.
    const auto late = ports_.store.batches.late(ports_.name, ports_.clock.now(), count_max);
    if (!late) return late.error();
    for (const store::BatchRowId id : *late)
        if (std::find(found->begin(), found->end(), id) == found->end()) found->push_back(id);
    return found;
}

asio::awaitable<Progress> Canceller::cancel(std::int64_t id) {
    const auto batch = ports_.store.batches.find(store::BatchRowId{id});
    if (!batch) co_return postponed(batch.error());
    if (!*batch || (*batch)->phase != store::BatchPhase::watching) co_return std::nullopt;
    const auto job = owner_of(ports_.store, **batch);
    if (!job) co_return postponed(job.error());
    if (!*job) co_return std::nullopt;

    // At another address the same id may name somebody else's batch.
    if (is_elsewhere((*batch)->base_url, ports_.provider.identity()))
        co_return Postponed{.why =
                                why_elsewhere((*batch)->base_url, ports_.provider.identity(), ports_.name)};
    // By us before a crash, or by somebody at the provider: once is enough.
    std::string heard = "the provider is cancelling it already";
    if (provider::parse_status((*batch)->status) != provider::BatchStatus::cancelling) {
        auto cancelled = co_await ports_.provider.cancel((*batch)->batch_id);
        if (!cancelled && !comes_too_late(cancelled.error()))
            co_return postponed(cancelled.error(), "cancelling a batch");
        heard = cancelled ? cancelled->status_word : "too late: " + provider::to_string(cancelled.error());
    }
    if (!(*job)->cancel_asked_at) heard = "its deadline is over; " + heard;
    // After the call: a crash in between tells the provider twice, which does no harm.
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto done = ports_.store.batches.record_cancel_sent((*batch)->id, ports_.clock.now());
        if (done) ports_.journal.note(EventKind::batch_cancelling, **job, **batch, heard);
        return done;
    });
    if (!recorded) co_return postponed(recorded.error());
    ports_.wakes.progressed();
    co_return std::nullopt;
}

}  // namespace batchd::engine
