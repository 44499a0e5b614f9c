#include "engine/watch/poller.hpp"

#include <algorithm>
#include <map>

#include "base/backoff.hpp"
#include "engine/look/listing.hpp"
#include "engine/look/whose_batch.hpp"
#include "engine/record/owner.hpp"
#include "engine/stage/holding.hpp"
#include "engine/terms/terms.hpp"
#include "engine/watch/absence.hpp"
#include "engine/watch/overdue.hpp"
#include "engine/watch/sighting.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;

namespace {

/// One that can't be asked for is asked for again in the next round at the earliest.
Backoff pauses(const config::Settings& settings) {
    const Millis min = std::max(settings.retry.min_backoff, settings.poll.interval);
    return {min, std::max(settings.retry.max_backoff, min)};
}

provider::Failure shows_no_status() {
    return {.kind = provider::FailureKind::unavailable, .message = "it shows no status that can be read"};
}

}  // namespace

Poller::Poller(const Ports& ports, ModelHolds& holds, Twins& twins)
    : ports_(ports), holds_(holds), twins_(twins) {}

asio::awaitable<void> Poller::run() {
    bool at_once =
        true;  // much may have happened before a start; what is created later has time until the interval
    for (;;) {
        const auto in_flight = ports_.store.batches.count_watched(ports_.name);
        // A daemon with nothing to do wakes nobody: neither the machine nor the provider.
        if (in_flight && *in_flight == 0) {
            next_round_.reset();
            forget_all_but({});
            co_await ports_.own_wakes.poller.wait();
            at_once = false;
            continue;
        }
        if (!at_once) co_await sleep_until_next_round();
        at_once = false;
        looks_now_ = false;
        co_await round();
        ports_.wakes.progressed();
    }
}

asio::awaitable<void> Poller::sleep_until_next_round() {
    const Millis began = ports_.clock.uptime();
    // A little earlier, by chance: many daemons that were started together should not poll together.
    const double jitter = random_jitter() / 20;
    while (!looks_now_) {
        // Read anew each time: a reload may have changed it, and wakes us.
        const Millis interval = ports_.settings.poll.interval;
        next_round_ = began + interval - std::chrono::duration_cast<Millis>(interval * jitter);
        ports_.wakes.progressed();
        const Millis left = *next_round_ - ports_.clock.uptime();
        if (left <= Millis{0}) co_return;
        co_await ports_.own_wakes.poller.wait_for(ports_.clock, left);
    }
}

asio::awaitable<void> Poller::round() {
    auto watched = ports_.store.batches.watched(ports_.name);
    if (!watched) {
        complaint_.say(to_string(watched.error()));
        co_return;
    }
    // A page of the list shows a hundred batches, so one call does for a hundred; what it does not show is
    // asked for one by one.
    Round round = begin_round(std::move(*watched));
    const std::size_t in_flight = round.unseen.size();
    if (const PollPlan plan = planner_.plan(in_flight); plan.pages_max > 0) {
        // There are servers that move a batch on only when it is asked for: each has its turn.
        const auto in_turn = next_in_turn(round);
        co_await list(round, plan.pages_max);
        planner_.listed(in_flight, in_flight - round.unseen.size());
        if (in_turn && !round.unseen.contains(in_turn->batch_id)) round.to_ask.push_back(*in_turn);
    }
    // Second batches first, for whatever they still answer is paid.
    co_await twins_.cancel(std::move(round.twins));
    for (auto& [batch_id, unseen] : round.unseen) round.to_ask.push_back(std::move(unseen));
    co_await ask_for_each(round);
    co_await judge_absent(round);
}

std::optional<Poller::Watched> Poller::next_in_turn(const Round& round) const {
    const Watched* next = nullptr;
    for (const auto& [id, watched] : round.unseen)
        if (next == nullptr || order_.is_before(watched.id.value, next->id.value)) next = &watched;
    return next == nullptr ? std::nullopt : std::optional(*next);
}

Poller::Round Poller::begin_round(std::vector<Watched> watched) {
    const provider::Identity now = ports_.provider.identity();
    std::vector<std::int64_t> rows;
    std::vector<Watched> elsewhere;
    Round round;
    for (Watched& batch : watched) {
        if (is_elsewhere(batch.base_url, now)) {
            elsewhere.push_back(std::move(batch));
            continue;
        }
        rows.push_back(batch.id.value);
        round.unseen.emplace(batch.batch_id, std::move(batch));
    }
    if (auto held = hold_all(elsewhere); !held) complaint_.say(to_string(held.error()));
    forget_all_but(rows);
    return round;
}

void Poller::forget_all_but(const std::vector<std::int64_t>& rows) {
    const std::set<std::int64_t> kept(rows.begin(), rows.end());
    std::erase_if(hidden_since_, [&](const auto& entry) { return !kept.contains(entry.first); });
    std::erase_if(absences_, [&](const auto& entry) { return !kept.contains(entry.first); });
    std::vector<std::int64_t> over = order_.keep_only(rows);
    std::erase_if(odd_words_, [&](std::int64_t row) {
        if (kept.contains(row)) return false;
        over.push_back(row);
        return true;
    });
    for (const std::int64_t row : over)
        static_cast<void>(ports_.store.conditions.clear("waiting", condition_about(store::BatchRowId{row})));
}

Result<void> Poller::hold_all(const std::vector<Watched>& elsewhere) {
    if (elsewhere.empty()) return {};
    return ports_.store.database.transact([&]() -> Result<void> {
        for (const Watched& batch : elsewhere) {
            const auto row = ports_.store.batches.find(batch.id);
            if (!row) return row.error();
            if (!*row) continue;
            if (auto held = holding_.hold(
                    **row, why_elsewhere(batch.base_url, ports_.provider.identity(), ports_.name));
                !held)
                return held;
        }
        return {};
    });
}

asio::awaitable<void> Poller::list(Round& round, unsigned pages_max) {
    TimePoint oldest = TimePoint::max();
    for (const auto& [id, watched] : round.unseen) oldest = std::min(oldest, watched.submitted_at);
    oldest -= std::chrono::minutes(15);  // the provider's clock is not ours

    std::vector<BatchObject> shown;  // of the page at hand
    std::size_t to_find = round.unseen.size();
    const auto take_shown = [&]() {
        take_page(shown, round);
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
        to_find -= round.unseen.count(object.id);
        return to_find == 0 ? Visit::enough : Visit::go_on;
    };
    auto extent = co_await walk_listing<BatchObject>(fetch, visit, pages_max);
    take_shown();
    if (!extent) complaint_.say("polling: " + provider::to_string(extent.error()));
}

void Poller::take_page(const std::vector<BatchObject>& page, Round& round) {
    if (page.empty()) return;
    const auto taken = ports_.store.database.transact([&]() -> Result<void> {
        for (const BatchObject& object : page) {
            const auto found = round.unseen.find(object.id);
            if (found == round.unseen.end()) {
                if (auto noticed = twins_.look_at(object, round.twins); !noticed) return noticed;
                continue;
            }
            round.any_seen = true;
            round.twins.on_record.insert(object.id);
            // An end is believed when the batch itself says so, and so is a status that can't be read.
            if (provider::is_terminal(object.status) || object.status_word.empty())
                round.to_ask.push_back(found->second);
            else if (auto done = take(found->second, object); !done)
                return done;
            round.unseen.erase(found);
        }
        return {};
    });
    if (!taken) complaint_.say(to_string(taken.error()));
}

asio::awaitable<void> Poller::ask_for_each(Round& round) {
    std::map<std::int64_t, const Watched*> by_row;
    std::vector<std::int64_t> rows;
    for (const Watched& watched : round.to_ask)
        if (by_row.emplace(watched.id.value, &watched).second) rows.push_back(watched.id.value);
    unsigned failures_in_a_row = 0;
    for (const std::int64_t row : order_.to_ask(rows, ports_.clock.uptime())) {
        const Watched& watched = *by_row.at(row);
        order_.asked(row);
        auto object = co_await ports_.provider.retrieve(watched.batch_id);
        if (object && object->status_word.empty()) object = shows_no_status();
        if (object && co_await is_of_another(watched, *object)) object = shows_another_batch(*object);
        // A key that is refused or a network that is down is the same for the next one.
        if (!object && after_failure(object.error().kind) == AfterFailure::stop) {
            complaint_.say("polling: " + provider::to_string(object.error()));
            co_return;
        }
        if (!object && after_failure(object.error().kind) == AfterFailure::pass_over) {
            pass_over(watched, object.error());
            // So many different ones in a row: it is the provider, not they.
            if (++failures_in_a_row == kFailuresInARow) co_return;
            continue;
        }
        failures_in_a_row = 0;
        answered(watched);
        if (!object)
            round.absent.emplace_back(watched, object.error());
        else
            take_answer(watched, *object, round);
    }
}

void Poller::take_answer(const Watched& watched, const BatchObject& object, Round& round) {
    round.any_seen = true;
    complaint_.clear();
    const auto taken = ports_.store.database.transact([&] { return take(watched, object); });
    if (!taken) complaint_.say(to_string(taken.error()));
}

void Poller::pass_over(const Watched& watched, const provider::Failure& failure) {
    const std::string why = "it can't be asked for: " + provider::to_string(failure);
    const bool is_new =
        order_.failed(watched.id.value, ports_.clock.uptime(), pauses(ports_.settings), random_jitter(), why);
    if (!is_new) return;
    const auto said = ports_.store.database.transact([&]() -> Result<void> {
        const auto batch = ports_.store.batches.find(watched.id);
        if (!batch) return batch.error();
        if (!*batch) return {};
        ports_.journal.waiting(watched.id, why);
        return ports_.store.conditions.set({.kind = "waiting",
                                            .about = condition_about(watched.id),
                                            .text = watched.batch_id + ": " + why,
                                            .job = (*batch)->only_job()},
                                           ports_.clock.now());
    });
    if (!said) complaint_.say(to_string(said.error()));
}

void Poller::answered(const Watched& watched) {
    if (!order_.answered(watched.id.value)) return;
    if (auto cleared = ports_.store.conditions.clear("waiting", condition_about(watched.id)); !cleared)
        complaint_.say(to_string(cleared.error()));
}

Result<void> Poller::take(const Watched& watched, const BatchObject& object) {
    const auto batch = ports_.store.batches.find(watched.id);
    if (!batch) return batch.error();
    if (!*batch || (*batch)->phase != store::BatchPhase::watching) return {};
    if (auto there = is_there(**batch); !there) return there;
    if (auto known = recognise(**batch, object); !known) return known;
    if (auto told = tell_of_word(**batch, object); !told) return told;
    if (auto noted = note_repeated(**batch, object); !noted) return noted;
    ports_.wakes.alive.raise_all();
    const store::Sighting sighting = sighting_of(object);
    if (sighting.status != (*batch)->status)
        ports_.journal.log(EventKind::batch_status, {.job = {}, .batch = object.id}, sighting.status);
    if (provider::is_terminal(object.status)) return take_end(**batch, sighting);
    auto seen = ports_.store.batches.record_sighting(watched.id, sighting, ports_.clock.now());
    return seen && !(*batch)->overdue_at ? note_if_overdue(**batch) : seen;
}

Result<void> Poller::note_repeated(const store::Batch& batch, const BatchObject& object) {
    if (object.possibly_repeated == batch.possibly_repeated) return {};
    const auto job = owner_of(ports_.store, batch);
    if (!job) return job.error();
    if (*job)
        ports_.journal.note(
            EventKind::requests_repeated, **job, batch,
            count_of(object.possibly_repeated, "request", "requests") + " may have been answered twice");
    return ports_.store.batches.record_repeated(batch.id, object.possibly_repeated);
}

/// It was seen, whatever it looks like.
Result<void> Poller::is_there(const store::Batch& batch) {
    const provider::Identity now = ports_.provider.identity();
    absences_.erase(batch.id.value);
    Result<void> done;
    if (batch.missing_since) done = ports_.store.batches.record_missing(batch.id, std::nullopt);
    if (done) done = holding_.release(batch, "it is there again");
    // The key was replaced by another of the same project, or an earlier version had not noted it.
    if (done && (batch.account != now.digest || batch.base_url.empty()))
        done = ports_.store.batches.record_account(
            batch.id, {batch.base_url.empty() ? now.base_url : batch.base_url, now.digest});
    return done;
}

Result<void> Poller::take_end(const store::Batch& batch, const store::Sighting& sighting) {
    if (auto ended = ports_.store.batches.record_end(batch.id, sighting, ports_.clock.now()); !ended)
        return ended;
    const auto job = owner_of(ports_.store, batch);
    if (!job) return job.error();
    if (*job)
        ports_.journal.note(EventKind::batch_ended, **job, batch,
                            sighting.status + (sighting.error.empty() ? "" : ": " + sighting.error));
    holds_.release(batch.model);
    ports_.own_wakes.collector.raise();
    ports_.own_wakes.submitter.raise();  // there may be room for more tokens
    return {};
}

Result<void> Poller::note_if_overdue(const store::Batch& batch) {
    const auto now_seen = ports_.store.batches.find(batch.id);
    if (!now_seen || !*now_seen) return now_seen ? Result<void>() : now_seen.error();
    const auto job = owner_of(ports_.store, batch);
    if (!job || !*job) return job ? Result<void>() : job.error();
    // Where the terms can't be read there is no window to be late for; the collector says what is wrong.
    const auto terms = terms_of(**job, ports_.settings);
    const auto window =
        terms && ports_.provider.has_window() ? parse_duration(terms->batch.completion_window) : std::nullopt;
    const auto why = overdue(**now_seen, window, ports_.clock.now());
    if (!why) return {};
    if (auto recorded = ports_.store.batches.record_overdue(batch.id, ports_.clock.now()); !recorded)
        return recorded;
    ports_.journal.note(EventKind::batch_overdue, **job, **now_seen, *why);
    return {};
}

}  // namespace batchd::engine
