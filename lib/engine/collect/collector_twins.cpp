// Second batches of one that has ended: stopped while that still saves what they cost.

#include <algorithm>

#include "base/async/run_until.hpp"
#include "engine/collect/collector.hpp"
#include "engine/stage/holding.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

/// A second batch is found by the walk that one page, or some, takes.
constexpr Millis kTwinLookMax = std::chrono::seconds(30);
/// So long nobody tries behind a walk that failed or was given up.
constexpr Millis kTwinLookPause = std::chrono::minutes(1);

}  // namespace

asio::awaitable<void> Collector::look_for_twins(const store::Batch& batch) {
    // The answers do not wait for a list that fails or takes its time, nor do those of the next batch; the
    // watch for second batches looks again by itself.
    if (no_twin_look_until_ > ports_.clock.uptime()) co_return;
    auto look = cancel_twins_of(batch);
    const bool has_ended = co_await run_within(ports_.clock, kTwinLookMax, std::move(look));
    if (!has_ended) pause_twin_looks();
}

asio::awaitable<void> Collector::cancel_twins_of(const store::Batch& batch) {
    const bool was_ended_by_us = outcome_of(batch) == store::Outcome::unanswered_cancel;
    if (batch.batch_id.empty() || was_ended_by_us || is_elsewhere(batch.base_url, ports_.provider.identity()))
        co_return;
    // A walk that began after the end was seen, to the second, will do: one serves all that ended in a round.
    const TimePoint now = ports_.clock.now();
    const auto since_end = std::chrono::duration_cast<Millis>(now - batch.ended_at.value_or(now));
    auto survey = co_await surveyor_.look(ports_.clock.uptime() - std::max(Millis{0}, since_end));
    if (!survey) {
        pause_twin_looks();
        co_return;
    }
    Twins::Look look;
    if (auto looked = twins_.look_at(**survey, batch, look); !looked) co_return;
    co_await twins_.cancel(std::move(look));
}

void Collector::pause_twin_looks() {
    no_twin_look_until_ = ports_.clock.uptime() + kTwinLookPause;
}

}  // namespace batchd::engine
