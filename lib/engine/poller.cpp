#include "engine/poller.hpp"

#include <algorithm>

#include "engine/listing.hpp"
#include "engine/overdue.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;
using provider::FailureKind;
using store::Batches;

namespace {

// A batch that is "not found" may only be new to the half of the provider that was asked.
constexpr unsigned kNotFoundMax = 5;
constexpr Millis kNewFor = std::chrono::minutes(10);

store::Sighting sighting_of(const BatchObject& object) {
    store::Sighting sighting;
    sighting.status = object.status_word;
    sighting.completed = object.completed;
    sighting.failed = object.failed;
    sighting.expires_at = object.expires_at;
    sighting.output_file_id = object.output_file_id;
    sighting.error_file_id = object.error_file_id;
    if (!object.errors.empty()) {
        const auto& first = object.errors.front();
        if (first.line) sighting.error = "line " + std::to_string(*first.line) + ": ";
        sighting.error += first.code.empty() ? first.message : first.code + ": " + first.message;
    }
    return sighting;
}

}  // namespace

Poller::Poller(Ports& ports, ModelHolds& holds) : ports_(ports), holds_(holds), twins_(ports) {}

asio::awaitable<void> Poller::run() {
    bool at_once =
        true;  // much may have happened before a start; what is created later has time until the interval
    for (;;) {
        const auto in_flight = ports_.store.batches.count_watched();
        if (in_flight && *in_flight == 0) {
            next_round_.reset();
            co_await ports_.wakes.poller.wait();
            at_once = false;
            continue;
        }
        if (!at_once) co_await sleep_until_next_round();
        at_once = false;
        co_await round();
        ports_.wakes.progressed();
    }
}

asio::awaitable<void> Poller::sleep_until_next_round() {
    const Millis began = ports_.clock.uptime();
    // A little earlier, by chance: many daemons that were started together should not poll together.
    const double jitter = random_jitter() / 20;
    for (;;) {
        // Read anew each time: a reload may have changed it, and wakes us.
        const Millis interval = ports_.settings.poll.interval;
        next_round_ = began + interval - std::chrono::duration_cast<Millis>(interval * jitter);
        ports_.wakes.progressed();
        const Millis left = *next_round_ - ports_.clock.uptime();
        if (left <= Millis{0}) co_return;
        co_await ports_.wakes.poller.wait_for(ports_.clock, left);
    }
}

asio::awaitable<void> Poller::round() {
    auto watched = ports_.store.batches.watched();
    if (!watched) {
        complaint_.say(to_string(watched.error()));
        co_return;
    }
    InFlight unseen;
    for (auto& batch : *watched) unseen.emplace(batch.batch_id, batch);
    if (const PollPlan plan = planner_.plan(unseen.size()); plan.pages_max > 0) {
        const std::size_t in_flight = unseen.size();
        co_await list(unseen, plan.pages_max);
        planner_.listed(in_flight, in_flight - unseen.size());
    }
    co_await twins_.cancel_noted();
    co_await ask_for_each(unseen);
}

asio::awaitable<void> Poller::list(InFlight& unseen, unsigned pages_max) {
    TimePoint oldest = TimePoint::max();
    for (const auto& [id, watched] : unseen) oldest = std::min(oldest, watched.submitted_at);
    oldest -= std::chrono::minutes(15);  // the provider's clock is not ours

    std::vector<BatchObject> shown;  // of the page at hand
    std::size_t to_find = unseen.size();
    const auto take_shown = [&]() {
        if (auto taken = take_page(shown, unseen); !taken) complaint_.say(to_string(taken.error()));
        shown.clear();
    };
    auto fetch = [&](std::string after) -> asio::awaitable<provider::Answer<provider::Page<BatchObject>>> {
        take_shown();
        auto page = co_await ports_.provider.list_batches(std::move(after));
        if (page) shown = page->items;  // all of it: a twin may be older than what we look for
        co_return page;
    };
    auto visit = [&](const BatchObject& object) {
        if (object.created_at != TimePoint{} && object.created_at < oldest) return Visit::enough;
        to_find -= unseen.count(object.id);
        return to_find == 0 ? Visit::enough : Visit::go_on;
    };
    auto extent = co_await walk_listing<BatchObject>(fetch, visit, pages_max);
    take_shown();
    if (!extent) complaint_.say("polling: " + provider::to_string(extent.error()));
}

asio::awaitable<void> Poller::ask_for_each(InFlight& unseen) {
    for (const auto& [batch_id, watched] : unseen) {
        auto object = co_await ports_.provider.retrieve(batch_id);
        Result<void> taken;
        if (object)
            taken = ports_.store.database.transact([&] { return take(watched, *object); });
        else if (object.error().kind == FailureKind::not_found)
            taken = ports_.store.database.transact([&] { return missing(watched, object.error()); });
        else
            complaint_.say("polling: " + provider::to_string(object.error()));
        if (!taken) complaint_.say(to_string(taken.error()));
        // What fails for one would fail for all of them; the next round is soon.
        if (!object && object.error().kind != FailureKind::not_found) co_return;
    }
}

Result<void> Poller::take_page(const std::vector<BatchObject>& page, InFlight& unseen) {
    if (page.empty()) return {};
    return ports_.store.database.transact([&]() -> Result<void> {
        for (const BatchObject& object : page) {
            const auto found = unseen.find(object.id);
            if (found == unseen.end()) {
                if (auto noticed = twins_.look_at(object); !noticed) return noticed;
                continue;
            }
            if (auto taken = take(found->second, object); !taken) return taken;
            unseen.erase(found);
        }
        return {};
    });
}

Result<void> Poller::take(const Batches::Watched& watched, const BatchObject& object) {
    complaint_.clear();
    not_found_.erase(object.id);
    const auto batch = ports_.store.batches.find(watched.id);
    if (!batch) return batch.error();
    if (!*batch || (*batch)->phase != store::BatchPhase::watching) return {};
    const store::Sighting sighting = sighting_of(object);
    if (sighting.status != (*batch)->status)
        ports_.journal.log(EventKind::batch_status, {.job = {}, .batch = object.id}, sighting.status);
    if (!provider::is_terminal(object.status)) {
        auto seen = ports_.store.batches.record_sighting(watched.id, sighting, ports_.clock.now());
        return seen && !(*batch)->overdue_at ? note_if_overdue(**batch) : seen;
    }

    if (auto ended = ports_.store.batches.record_end(watched.id, sighting, ports_.clock.now()); !ended)
        return ended;
    const auto job = ports_.store.jobs.find((*batch)->job_id);
    if (!job) return job.error();
    if (*job)
        ports_.journal.note(EventKind::batch_ended, **job, **batch,
                            sighting.status + (sighting.error.empty() ? "" : ": " + sighting.error));
    holds_.release((*batch)->model);
    ports_.wakes.collector.raise();
    ports_.wakes.submitter.raise();  // there may be room for more tokens
    return {};
}

Result<void> Poller::note_if_overdue(const store::Batch& batch) {
    const auto now_seen = ports_.store.batches.find(batch.id);
    if (!now_seen || !*now_seen) return now_seen ? Result<void>() : now_seen.error();
    const auto why = overdue(**now_seen, ports_.clock.now());
    if (!why) return {};
    if (auto recorded = ports_.store.batches.record_overdue(batch.id, ports_.clock.now()); !recorded)
        return recorded;
    const auto job = ports_.store.jobs.find(batch.job_id);
    if (!job) return job.error();
    if (*job) ports_.journal.note(EventKind::batch_overdue, **job, **now_seen, *why);
    return {};
}

Result<void> Poller::missing(const Batches::Watched& watched, const provider::Failure& failure) {
    const auto batch = ports_.store.batches.find(watched.id);
    if (!batch) return batch.error();
    if (!*batch) return {};
    const bool is_new = ports_.clock.now() - watched.submitted_at < kNewFor;
    if (++not_found_[watched.batch_id] < kNotFoundMax || is_new) return {};
    not_found_.erase(watched.batch_id);
    store::Sighting end;
    end.status = "gone";
    end.outcome = store::Outcome::gone;
    end.error = provider::to_string(failure);
    if (auto ended = ports_.store.batches.record_end(watched.id, end, ports_.clock.now()); !ended)
        return ended;
    ports_.journal.note(EventKind::batch_gone, watched.batch_id + ": " + end.error);
    holds_.release((*batch)->model);
    ports_.wakes.collector.raise();
    ports_.wakes.submitter.raise();  // its tokens no longer count
    return {};
}

}  // namespace batchd::engine
