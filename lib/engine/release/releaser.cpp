#include "engine/release/releaser.hpp"

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "engine/budget/queue_budget.hpp"
#include "engine/plan/first_attempt.hpp"
#include "engine/plan/plan_file.hpp"
#include "engine/stage/row_backoff.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

asio::awaitable<void> Releaser::run() {
    for (;;) {
        const auto next = co_await release_what_is_due();
        if (next)
            co_await ports_.wakes.releaser.wait_until(ports_.clock, *next);
        else
            co_await ports_.wakes.releaser.wait();
    }
}

asio::awaitable<std::optional<TimePoint>> Releaser::release_what_is_due() {
    const auto cancelled = ports_.store.waiting_jobs.cancelled();
    const auto queues = ports_.store.waiting_jobs.by_queue();
    if (!cancelled || !queues) {
        complaint_.say(to_string(cancelled ? queues.error() : cancelled.error()));
        co_return ports_.clock.now() + row_backoff(ports_.settings.retry).max;
    }
    // A job that was cancelled while it waits goes on, so that its batches are withdrawn and it ends.
    for (const store::JobId id : *cancelled) {
        const auto job = ports_.store.jobs.find(id);
        if (!job || !*job) continue;
        if (auto gone = co_await let_go(**job); !gone) complaint_.say(to_string(gone.error()));
    }
    std::optional<TimePoint> next;
    for (const store::WaitingQueue& waiting : *queues) {
        const auto at = co_await look_at(waiting.queue, {waiting.files, waiting.requests, waiting.oldest});
        if (at) next = std::min(next.value_or(*at), *at);
    }
    co_return next;
}

asio::awaitable<std::optional<TimePoint>> Releaser::look_at(std::string queue, WaitingFiles waiting) {
    const ReleaseRules rules = rules_of(queue);
    const Release release = when_released(rules, waiting, ports_.clock.now());
    if (release.until) {
        store::Release what{.queue = queue};
        const auto released = co_await this->release(std::move(what), *release.until, release.why);
        if (!released) {
            complaint_.say("releasing " + queue + ": " + to_string(released.error()));
            co_return ports_.clock.now() + row_backoff(ports_.settings.retry).max;
        }
        co_return ports_.clock.now();  // more may be due at once
    }
    complaint_.clear();
    if (auto noted = ports_.store.waiting_jobs.record_not_before(queue, release.next); !noted)
        complaint_.say(to_string(noted.error()));
    co_return release.next;
}

/// A queue that the configuration no longer has waits for nothing.
ReleaseRules Releaser::rules_of(const std::string& queue) {
    const auto found = ports_.settings.queues.find(queue);
    if (mode_ == Intake::Mode::once || found == ports_.settings.queues.end()) return {};
    auto rules = ReleaseRules::of(found->second);
    // The configuration was checked: only a machine that lost its time zones comes here.
    if (!rules) complaint_.say("queue." + queue + ": " + to_string(rules.error()));
    return rules ? std::move(*rules) : ReleaseRules{};
}

asio::awaitable<Result<WaitingFiles>> Releaser::release(store::Release what, TimePoint until,
                                                        std::string why) {
    const std::string& queue = what.queue;
    auto ids = ports_.store.waiting_jobs.taken_up_to(queue, until);
    if (!ids) co_return ids.error();
    if (what.over_budget) {
        const auto due = ports_.store.waiting_jobs.due(queue);
        if (!due) co_return due.error();
        ids->insert(ids->begin(), due->begin(), due->end());
    }
    const bool has_budget = !what.over_budget && budget_of(ports_.settings, queue);
    WaitingFiles gone;
    for (const store::JobId id : *ids) {
        const auto job = ports_.store.jobs.find(id);
        if (!job) co_return job.error();
        if (!*job) continue;
        const auto went = has_budget ? ports_.store.waiting_jobs.record_due(id) : co_await let_go(**job);
        if (!went) co_return went.error();
        ++gone.files;
        gone.requests += (*job)->requests - (*job)->failed;
    }
    if (gone.files > 0 && !why.empty())
        ports_.journal.note(EventKind::queue_released,
                            queue + ": " + count_of(gone.requests, "request", "requests") + " of " +
                                count_of(gone.files, "file", "files") + ": " + why);
    ports_.wakes.budgets.raise();
    co_return gone;
}

asio::awaitable<Result<void>> Releaser::let_go(store::Job job) {
    const Path path = ports_.layout.plan(job.key);
    const auto plan = co_await run_blocking(ports_.pool, [&] { return read_plan_file(path); });
    if (!plan) co_return plan.error();
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        // It may have gone while its plan was read.
        const auto now = ports_.store.jobs.find(job.id);
        if (!now) return now.error();
        if (!*now || !(*now)->waits) return {};
        for (const Shard& shard : plan->shards)
            if (auto added = ports_.store.batches.add(first_attempt(job, shard, ports_.clock.now())); !added)
                return added;
        return ports_.store.waiting_jobs.record_released(job.id, ports_.clock.now());
    });
    if (!recorded) co_return recorded.error();
    ports_.wakes.of(job.provider).submitter.raise();
    ports_.wakes.progressed();
    co_return Result<void>();
}

}  // namespace batchd::engine
