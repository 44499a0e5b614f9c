// What is waited for before requests of a batch go out again.

#include <algorithm>

#include "base/backoff.hpp"
#include "engine/collect/collector.hpp"
#include "engine/stage/row_backoff.hpp"

namespace batchd::engine {

namespace {

/// So often a batch may be refused for want of money while the account pays for later ones: these may have
/// been on their way together, and only one of them was in time.
constexpr std::uint64_t kUnpaidAmongPaidMax = 3;

}  // namespace

bool Collector::others_were_paid(const store::Batch& batch) const {
    return paid_until_ && batch.submitted_at && *paid_until_ > *batch.submitted_at;
}

jsonl::WithoutMoney Collector::without_money(const Subject& subject, const Exit& exit) const {
    // One that is refused although others are paid would go round for ever, and close the account each time.
    const bool is_about_it = others_were_paid(subject.batch) && subject.batch.setbacks >= kUnpaidAmongPaidMax;
    const bool may_wait = !exit.is_cancelled && !ports_.provider.rows_are_final() && !is_about_it;
    return may_wait ? jsonl::WithoutMoney::again : jsonl::WithoutMoney::as_others;
}

Millis Collector::hold_in_trouble(const Subject& subject, std::uint64_t before) {
    // Four times as long each time: a provider in trouble needs minutes, not seconds.
    const auto pauses = static_cast<unsigned>(1 + 2 * std::min<std::uint64_t>(before, 16));
    const Millis delay = row_backoff(ports_.settings.retry).delay(pauses, random_jitter());
    holds_.hold_for(subject.batch.model, ports_.clock.uptime(), delay,
                    "the provider has failed with a batch of " + subject.batch.model);
    return delay;
}

void Collector::pause_before_next(const Subject& subject, const jsonl::MatchReport& sorted,
                                  jsonl::WithoutMoney without_money, Outcome& outcome) {
    const store::Batch& batch = subject.batch;
    if (sorted.succeeded > 0 && batch.submitted_at)
        paid_until_ = std::max(paid_until_.value_or(*batch.submitted_at), *batch.submitted_at);
    if (2 * sorted.faults > sorted.rows && sorted.again > 0) hold_in_trouble(subject, batch.run - 1);
    if (sorted.without_money == 0) return;
    // What was paid since says more of the account than an older batch.
    const bool is_old_news = others_were_paid(batch);
    if (!is_old_news)
        ports_.provider.rows_unpaid({.kind = provider::FailureKind::quota,
                                     .http_status = 429,
                                     .code = sorted.no_money.code,
                                     .message = sorted.no_money.message,
                                     .in_own_words = true});
    if (sorted.again == 0) return;
    outcome.setbacks = batch.setbacks + (is_old_news ? 1 : 0);
    // What goes out again beside them has run, and lost an attempt; who can't be paid for goes again all the
    // same.
    const bool are_all_unpaid = sorted.again <= sorted.without_money;
    if (without_money == jsonl::WithoutMoney::again && are_all_unpaid) outcome.run = batch.run;
}

}  // namespace batchd::engine
