// What a batch that has ended waits for until a person has put something back.

#include "engine/collect/collector.hpp"
#include "engine/end/ended_batch.hpp"
#include "engine/stage/row_backoff.hpp"

namespace batchd::engine {

Progress Collector::take_terms(Subject& subject) {
    auto terms = terms_of(subject.job, ports_.settings);
    if (terms) {
        subject.terms = std::move(*terms);
        return std::nullopt;
    }
    const bool is_given_up =
        subject.job.cancel_asked_at || outcome_of(subject.batch) == store::Outcome::abandoned;
    if (is_given_up) return std::nullopt;
    const std::string& why = terms.error().context;
    const auto held = ports_.store.database.transact([&] { return holding_.hold(subject.batch, why); });
    return held ? Postponed{.why = why} : postponed(held.error());
}

Progress Collector::hold_elsewhere(Subject& subject) {
    store::Batch& batch = subject.batch;
    const provider::Identity now = ports_.provider.identity();
    // What never reached a provider has nothing to be asked for, wherever calls go now.
    const bool elsewhere = !batch.batch_id.empty() && is_elsewhere(batch.base_url, now);
    const std::string why =
        elsewhere ? why_elsewhere(batch.base_url, ports_.provider.identity(), ports_.name) : "";
    // What is held for another key goes on once it is found with the one that there is.
    const bool has_key = batch.account.empty() || batch.account == now.digest;
    const auto recorded = ports_.store.database.transact([&] {
        if (elsewhere) return holding_.hold(batch, why);
        return has_key ? holding_.release(batch, "it can be asked for again") : Result<void>();
    });
    if (!recorded) return postponed(recorded.error());
    if (!elsewhere) {
        if (has_key) batch.held_since.reset();
        return std::nullopt;
    }
    return Postponed{.why = why,
                     .until = Postponed::Until::woken_or_delay,
                     .delay = row_backoff(ports_.settings.retry).min};
}

Progress Collector::hold_with_another_key(const Subject& subject) {
    const store::Batch& batch = subject.batch;
    const std::string now = ports_.provider.identity().digest;
    // Files belong to a project. With the key of another one they look deleted, and to believe that would
    // lose answers that were paid.
    if (batch.account.empty() || batch.account == now) return std::nullopt;
    const std::string why =
        "its result files are not found, and it was made with another key or project: put that back";
    const auto recorded = ports_.store.database.transact([&] { return holding_.hold(batch, why); });
    if (!recorded) return postponed(recorded.error());
    return Postponed{.why = why,
                     .until = Postponed::Until::woken_or_delay,
                     .delay = row_backoff(ports_.settings.retry).max};
}

}  // namespace batchd::engine
