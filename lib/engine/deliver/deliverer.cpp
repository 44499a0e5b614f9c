#include "engine/deliver/deliverer.hpp"

#include <utility>

#include "base/async/run_blocking.hpp"
#include "config/effective.hpp"
#include "engine/deliver/delivery.hpp"
#include "engine/deliver/destination.hpp"
#include "engine/queue/queue_folders.hpp"
#include "engine/record/altered_input.hpp"
#include "engine/stage/row_backoff.hpp"
#include "engine/work_directory.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

// Of those that are more than a folder and its syncs two, for they share one disk.
constexpr SizeLane kLanes[]{kTinyFiles, {.above = kTinyFiles.up_to, .up_to = kAnySize, .slots = 2}};

/// So long a delivery waits for an inbox on another file system that is not there: mostly it comes back.
constexpr Millis kAwayWait = std::chrono::minutes(10);

EventKind event_for(store::JobState state) {
    if (state == store::JobState::failed) return EventKind::job_failed;
    return state == store::JobState::cancelled ? EventKind::job_cancelled : EventKind::job_delivered;
}

std::string ending(const store::Job& job) {
    std::string text = with_commas(job.succeeded) + " answered, " + with_commas(job.failed) + " failed";
    return job.reason.empty() ? text : text + ": " + job.reason;
}

}  // namespace

Deliverer::Deliverer(const Ports& ports)
    : ports_(ports),
      commits_(ports.store.database, ports.wakes.executor()),
      workers_(ports.clock, ports.wakes.deliverer, row_backoff(ports.settings.retry), kLanes,
               {.find =
                    [this](const SizeLane& lane, std::size_t count_max) {
                        return ports_.store.jobs.of_size(store::JobState::delivering, lane.above, lane.up_to,
                                                         count_max);
                    },
                .work = [this](std::int64_t id) { return deliver_job(id); },
                .say = [this](std::int64_t id,
                              const std::string& why) { ports_.journal.waiting(store::JobId{id}, why); }}) {}

asio::awaitable<void> Deliverer::run() {
    return workers_.run();
}

asio::awaitable<Progress> Deliverer::deliver_job(std::int64_t id) {
    auto job = ports_.store.jobs.find(store::JobId{id});
    if (!job) co_return postponed(job.error());
    if (!*job || (*job)->state != store::JobState::delivering) co_return std::nullopt;
    auto batches = ports_.store.batches.of_job(store::JobId{id});
    if (!batches) co_return postponed(batches.error());
    auto in_bundles = ports_.store.parts.of_bundles(store::JobId{id});
    if (!in_bundles) co_return postponed(in_bundles.error());
    Delivery delivery{std::move(**job), std::move(*batches)};
    if (auto wait = co_await take_shared_pieces(delivery, std::move(*in_bundles))) co_return wait;
    if (auto wait = co_await look_for_missing(delivery)) co_return wait;
    if (auto wait = co_await give_reason(delivery)) co_return wait;
    delivery.job.finished_at = ports_.clock.now();

    // Looked for before the folder is shown: whoever finds the answers may take the input away at once, and
    // with it what was written behind.
    const auto late = co_await look_at_input(delivery.job);
    if (!late) co_return postponed(late.error());
    const QueueFolders folders = folders_of(ports_.settings.spool, delivery.job.queue);
    const Path& inbox = folders.inbox;
    delivery.reserved = reserved_names(ports_.settings, delivery.job.queue);
    Path outbox = folders.outbox;
    if (auto wait = co_await look_for_input(delivery, outbox)) co_return wait;
    delivery.input_has_grown =
        late->change == LateInput::Change::grown && late->file == ports_.layout.input(delivery.job.key);
    const auto next = co_await keep_next_step(delivery);
    if (!next) co_return postponed(next.error());
    auto folder =
        co_await run_blocking(ports_.pool, [&] { return deliver(ports_.layout, outbox, delivery); });
    if (!folder) co_return postponed(folder.error());
    // Only now that the folder stands under its name does the original in the inbox lose its claim: a crash
    // before leaves it to the next try, which finds the folder.
    const auto let_go =
        co_await run_blocking(ports_.pool, [&] { return let_go_of_original(inbox, delivery.job, *late); });
    if (!let_go) co_return postponed(let_go.error());
    // What was written behind is a job of its own, and comes into the database with the end of this one:
    // between two commits a crash would lose it.
    auto rest = find_rest(ports_.layout, delivery.job, ports_.clock.now());
    if (!rest) co_return postponed(rest.error());
    // Before the two are moved from.
    const bool goes_on = *rest || *next;

    const auto recorded = co_await commits_.transact([&]() -> Result<void> {
        auto done = *next ? may_go_on_still(delivery.job, **next) : Result<void>();
        if (done) done = record_end(delivery, outbox / *folder);
        if (done) done = add_rest(delivery.job, std::move(*rest));
        if (done && *next) done = add_next(delivery.job, **next);
        return done;
    });
    if (!recorded) co_return postponed(recorded.error());
    writers_.forget(delivery.job.id);
    away_.erase(delivery.job.id);
    ports_.wakes.of(delivery.job.provider).cleaner.raise();
    // Raised after the commit, as everywhere: a stage that is woken before it would find the rows as they
    // were.
    if (goes_on) ports_.wakes.planner.raise();
    ports_.wakes.alive.raise_all();
    ports_.wakes.progressed();
    co_return std::nullopt;
}

Result<void> Deliverer::record_end(const Delivery& delivery, const Path& folder) {
    const store::Job& job = delivery.job;
    const store::JobState state = final_state(delivery);
    Result<void> done;
    if (state == store::JobState::failed || delivery.lacks_pieces)
        done = ports_.store.jobs.record_reason(job.id, job.reason);
    if (done) done = ports_.store.jobs.finish(job.id, state, folder, *job.finished_at);
    if (done) ports_.journal.note(event_for(state), job, ending(job) + "; " + folder.string());
    return done;
}

/// One sentence that holds for every failed request saves people from opening errors.jsonl, which may be of
/// gigabytes.
asio::awaitable<Progress> Deliverer::give_reason(Delivery& delivery) {
    // A reason that is on record already, such as a refusal, is better than one that is read out of errors.
    if (final_state(delivery) != store::JobState::failed || !delivery.job.reason.empty())
        co_return std::nullopt;
    auto shared =
        co_await run_blocking(ports_.pool, [&] { return reason_of_failures(ports_.layout, delivery); });
    if (!shared) co_return postponed(shared.error());
    delivery.job.reason =
        shared->empty() ? "no request was answered; errors.jsonl says why for each" : *shared;
    co_return std::nullopt;
}

/// Somebody may have removed the file from work/; the answers are paid, and are delivered without it.
asio::awaitable<Progress> Deliverer::look_for_input(Delivery& delivery, Path& outbox) {
    auto look = [&]() -> Result<bool> {
        auto destination = destination_of(ports_.layout, delivery.job.key, outbox);
        if (!destination) return destination.error();
        outbox = std::move(*destination);
        return is_input_gone(ports_.layout, outbox, delivery.job);
    };
    const auto gone = co_await run_blocking(ports_.pool, look);
    if (!gone) co_return postponed(gone.error());
    delivery.input_is_gone = *gone;
    if (!*gone) co_return std::nullopt;
    const auto said = record_altered(ports_.store, ports_.journal, delivery.job,
                                     "its file is gone: the answers are delivered without it");
    co_return said ? Progress() : postponed(said.error());
}

/// What the job has of batches that it shares is taken out of their files.
asio::awaitable<Progress> Deliverer::take_shared_pieces(Delivery& delivery,
                                                        std::vector<store::Parts::OfBundle> shared) {
    for (store::Parts::OfBundle& part : shared) {
        const auto shows =
            part.lost > 0 ? ports_.store.parts.is_of_one_queue(part.batch) : Result<bool>(false);
        if (!shows) co_return postponed(shows.error());
        delivery.shared.push_back({std::move(part), *shows});
    }
    const store::Job& job = delivery.job;
    const auto& pieces = delivery.shared;
    auto written = co_await run_blocking(ports_.pool, [&]() -> Result<void> {
        for (const SharedPiece& piece : pieces) {
            const auto done = write_shared_piece(ports_.layout, job.key, piece);
            // With a cancel the job ends without what somebody has removed; look_for_missing() finds it, and
            // says so.
            const bool is_missed = !done && done.error().code == std::errc::no_such_file_or_directory;
            if (!done && !(is_missed && job.cancel_asked_at)) return done;
        }
        return {};
    });
    co_return written ? Progress() : postponed(written.error());
}

/// Files of ours that somebody removed come back by nothing. A cancel is the word of a person who knows, and
/// ends the job with what there is.
asio::awaitable<Progress> Deliverer::look_for_missing(Delivery& delivery) {
    const store::Job& job = delivery.job;
    // Of what was never sent there are no answers to miss, and the job bears the reason already.
    delivery.lacks_pieces = delivery.batches.empty() && job.failed < job.requests;
    if (!job.cancel_asked_at || delivery.lacks_pieces) co_return std::nullopt;
    const auto missing =
        co_await run_blocking(ports_.pool, [&] { return find_missing_piece(ports_.layout, delivery); });
    if (!missing) co_return postponed(missing.error());
    if (!*missing) co_return std::nullopt;
    delivery.lacks_pieces = true;
    if (delivery.job.reason.empty()) delivery.job.reason = missing_in_work(**missing);
    co_return std::nullopt;
}

/// Of a file that somebody is still writing to, what comes in a moment belongs to the same rest.
asio::awaitable<Result<LateInput>> Deliverer::look_at_input(store::Job& job) {
    using Change = LateInput::Change;
    const Path inbox = folders_of(ports_.settings.spool, job.queue).inbox;
    auto late =
        co_await run_blocking(ports_.pool, [&] { return look_for_late_input(ports_.layout, inbox, job); });
    if (!late) co_return late;
    // Once it is in the outbox nobody looks at it any more: what is written then would be sent by no one.
    if (late->is_open && !job.cancel_asked_at && writers_.are_waited_for(job.id))
        co_return error(Errc::changed, late->file.string() + " is open for writing");
    if (auto missed = miss_original(job, *late); !missed) co_return missed.error();
    if (late->change == Change::none) co_return late;
    const Millis age = std::chrono::duration_cast<Millis>(ports_.clock.now().time_since_epoch() -
                                                          std::chrono::nanoseconds(late->mtime_ns));
    if (late->is_open && age >= Millis{0} && age < ports_.settings.spool.settle_time)
        co_return error(Errc::changed, late->file.string() + " is being written to");
    if (late->change == Change::altered) {
        const auto recorded =
            record_altered(ports_.store, ports_.journal, job,
                           "its file was altered after it was read; what had been read was sent");
        if (!recorded) co_return recorded.error();
        co_return late;
    }
    const LateInput& grown = *late;
    auto kept = co_await run_blocking(ports_.pool, [&] { return keep_rest(ports_.layout, job, grown); });
    if (!kept) co_return kept.error();
    co_return late;
}

Result<void> Deliverer::miss_original(const store::Job& job, const LateInput& late) {
    using spool::Aside;
    if (late.original != Aside::away && late.original != Aside::removed) return {};
    const Millis now = ports_.clock.uptime();
    Away& away = away_.try_emplace(job.id, Away{.since = now}).first->second;
    const bool is_over =
        late.original == Aside::removed || job.cancel_asked_at || now >= away.since + kAwayWait;
    if (!is_over)
        return error(Errc::not_found, "the original of " + job.name + " is set aside in " +
                                          folders_of(ports_.settings.spool, job.queue).inbox.string() +
                                          ", which is not there");
    // A delivery may be tried many times, and people are told once.
    if (std::exchange(away.is_said, true)) return {};
    return ports_.store.database.transact([&]() -> Result<void> {
        ports_.journal.note(EventKind::input_changed, job,
                            "its original is not in the inbox any more: whether more was written to it after "
                            "it was taken is not known");
        return {};
    });
}

asio::awaitable<Result<std::optional<NextStep>>> Deliverer::keep_next_step(const Delivery& delivery) {
    using Next = std::optional<NextStep>;
    const store::Job& job = delivery.job;
    const auto terms = terms_of(job, ports_.settings);
    if (job.succeeded == 0 || (terms && terms->then.empty())) co_return Next();
    const auto known = ports_.store.jobs.find_by_key(next_key(job.key));
    if (!known) co_return known.error();
    // It was found in work/ when the database was built again, and goes on by itself.
    if (*known) co_return Next();
    if (const auto why_not = why_no_next(job, terms)) {
        // A try before may have written its files, which nobody else would clean away: once `batchd recover`
        // finds them, they are sent.
        const auto left =
            co_await run_blocking(ports_.pool, [&] { return leave_next(ports_.layout, job.key); });
        if (!left) co_return left.error();
        // Who cancels a job does not want to go on with it. Otherwise the answers are paid for and do not
        // wait; what they would have become is said.
        if (job.cancel_asked_at) co_return Next();
        NextStep none{.left_out = job.succeeded, .why = *why_not};
        if (terms) none.queue = terms->then;
        co_return Next(std::move(none));
    }
    auto step =
        co_await run_blocking(ports_.pool, [&] { return keep_next(ports_.layout, delivery, *terms); });
    if (!step) co_return step.error();
    step->queue = terms->then;
    co_return Next(std::move(*step));
}

std::optional<std::string> Deliverer::why_no_next(const store::Job& job, const Result<Terms>& terms) const {
    if (job.cancel_asked_at) return "it was cancelled";
    if (!terms) return terms.error().context;
    if (!config::has_queue(ports_.settings, terms->then))
        return "there is no queue " + terms->then + " any more";
    return std::nullopt;
}

/// A cancel, or a reload without the next step's queue, may have come while the folder was built: it is gone
/// through once more then, without a next step. Under the rules of no queue it would go to the general
/// provider.
Result<void> Deliverer::may_go_on_still(const store::Job& job, const NextStep& step) {
    const auto now = ports_.store.jobs.find(job.id);
    if (!now) return now.error();
    if (*now && (*now)->cancel_asked_at)
        return error(Errc::changed, "it was cancelled while it was delivered");
    if (step.requests > 0 && !config::has_queue(ports_.settings, step.queue))
        return error(Errc::changed, "queue " + step.queue + " was removed while it was delivered");
    return {};
}

Result<void> Deliverer::add_next(const store::Job& job, const NextStep& step) {
    if (step.left_out > 0)
        ports_.journal.note(EventKind::answers_left_out, job,
                            count_of(step.left_out, "answer has", "answers have") + " no next step" +
                                (step.queue.empty() ? "" : " in " + step.queue) + ": " + step.why);
    if (step.requests == 0) return {};
    const auto known = ports_.store.jobs.find_by_key(next_key(job.key));
    if (!known) return known.error();
    if (*known) return {};
    auto next = next_job(ports_.layout, job, terms_of(ports_.settings, step.queue), ports_.clock.now());
    if (!next) return next.error();
    const auto id = ports_.store.jobs.add(*next);
    if (!id) return id.error();
    next->id = *id;
    ports_.journal.note(EventKind::job_claimed, *next,
                        count_of(step.requests, "request", "requests") + " for " + step.queue +
                            ", made of the answers of job " + std::to_string(job.id.value));
    return {};
}

Result<void> Deliverer::add_rest(const store::Job& job, std::optional<store::Job> rest) {
    if (!rest) return {};
    // The key follows from this job, so a delivery that is done once more finds the job that it made
    // before.
    const auto known = ports_.store.jobs.find_by_key(rest->key);
    if (!known) return known.error();
    if (*known) return {};
    const auto id = ports_.store.jobs.add(*rest);
    if (!id) return id.error();
    rest->id = *id;
    const std::string bytes = with_commas(rest->size_bytes) + " bytes";
    ports_.journal.note(
        EventKind::input_changed, job,
        bytes + " were written to its file after it was taken: they are job " + std::to_string(id->value));
    ports_.journal.note(EventKind::job_claimed, *rest,
                        bytes + " that came after job " + std::to_string(job.id.value) + " was taken");
    return {};
}

}  // namespace batchd::engine
