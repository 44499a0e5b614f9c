#include "engine/collect/collector.hpp"

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "base/backoff.hpp"
#include "engine/fallback/fallback_rules.hpp"
#include "engine/record/owner.hpp"
#include "engine/stage/holding.hpp"
#include "engine/stage/row_backoff.hpp"
#include "engine/work_directory.hpp"
#include "jsonl/rows/copy_rows.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using spool::ShardFile;

Collector::Collector(const Ports& ports, ModelHolds& holds, Surveyor& surveyor, Twins& twins)
    : ports_(ports),
      holds_(holds),
      surveyor_(surveyor),
      twins_(twins),
      worker_(
          ports.clock, ports.own_wakes.collector,
          // Behind a few slow downloads a cancel would wait that needs none.
          {.slots = ports.account.max_connections,
           .backoff = row_backoff(ports.settings.retry),
           .spare = ports.account.max_connections},
          {.find = ids_of([this](std::size_t count_max) {
               return ports_.store.batches.to_collect(ports_.name, count_max);
           }),
           .work = [this](std::int64_t id) { return collect(id); },
           .say = [this](std::int64_t id,
                         const std::string& why) { ports_.journal.waiting(store::BatchRowId{id}, why); }}) {}

asio::awaitable<void> Collector::run() {
    return worker_.run();
}

void Collector::take_up_cancel(store::JobId job) {
    const auto batches = ports_.store.batches.of_job(job);
    if (!batches) return;  // each comes to its turn without us
    for (const store::Batch& batch : *batches)
        if (batch.provider == ports_.name && batch.phase == store::BatchPhase::ended)
            worker_.take_up(batch.id.value);
}

Collector::Step Collector::collect(std::int64_t id) {
    // Read anew each time: between two tries a cancel, a command or the poller may have changed it.
    auto batch = ports_.store.batches.find(store::BatchRowId{id});
    if (!batch) co_return postponed(batch.error());
    if (!*batch || (*batch)->phase != store::BatchPhase::ended) co_return std::nullopt;
    auto job = owner_of(ports_.store, **batch);
    if (!job) co_return postponed(job.error());
    if (!*job) co_return std::nullopt;
    auto parts = ports_.store.parts.of_batch((*batch)->id);
    if (!parts) co_return postponed(parts.error());
    Subject subject{std::move(**batch), std::move(**job), std::move(*parts)};
    // Files of ours that somebody removed come back by nothing; a cancel is the word of a person who knows.
    if (subject.job.cancel_asked_at) {
        const auto has_requests = jsonl::row_file_exists(file(subject, ShardFile::prepared));
        if (!has_requests) co_return postponed(has_requests.error());
        if (!*has_requests) co_return co_await collect_without_files(subject);
    }
    if (auto wait = take_terms(subject)) co_return wait;
    // What was ended by us at another address can't be fetched from here, and is not waited for.
    const bool is_out_of_reach = outcome_of(subject.batch) == store::Outcome::unanswered_cancel &&
                                 is_elsewhere(subject.batch.base_url, ports_.provider.identity());
    const bool last_look = is_out_of_reach || is_last_look(subject);
    // What was given up asks for nothing at any address.
    const bool asks = !last_look && outcome_of(subject.batch) != store::Outcome::abandoned;
    if (asks)
        if (auto wait = hold_elsewhere(subject)) co_return wait;
    co_return co_await collect(subject, last_look);
}

Collector::Step Collector::collect(Subject& subject, bool last_look) {
    const bool has_failed = provider::parse_status(subject.batch.status) == provider::BatchStatus::failed &&
                            outcome_of(subject.batch) == store::Outcome::ended;
    if (has_failed && !last_look) {
        // The row has only the first of its errors; all are needed to set every refused line aside at once.
        const Asked asked = co_await ask(subject);
        if (!asked.go_on) co_return asked.wait;
        const bool is_failed = provider::parse_status(subject.batch.status) == provider::BatchStatus::failed;
        if (is_failed && subject.errors.empty() && subject.batch.error.empty())
            if (auto wait = wait_for_reasons(subject)) co_return wait;
    }
    // What was to be cut before the database was lost is cut again, into the same parts.
    const auto is_cut = cut_counts(subject);
    if (!is_cut) co_return postponed(is_cut.error());
    if (*is_cut) co_return co_await cut_as_decided(subject);
    const auto failed_batches = count_failed_batches(subject);
    if (!failed_batches) co_return postponed(failed_batches.error());
    // What is to be done is decided by a pure function, and tested as a table; here it is only done.
    Ending ending = judge(subject.batch, subject.errors, *failed_batches, exit_for(subject).is_open);
    if (ending.kind == Ending::Kind::answers) co_return co_await collect_answers(subject, last_look);
    co_return co_await act_on(subject, std::move(ending));
}

Collector::Step Collector::act_on(const Subject& subject, Ending ending) {
    const Exit exit = exit_for(subject);
    // A note of before stands whatever is said of the batch by now: where the database is lost, the next
    // attempt is looked for at the provider that is noted, and lines that had gone to this one would be sent
    // there as well.
    const auto decided = co_await next_provider(subject, exit, false);
    if (!decided) co_return postponed(decided.error());
    if (exit.is_late || *decided == NextProvider::fallback) ending = not_here(std::move(ending));
    switch (ending.kind) {
        case Ending::Kind::elsewhere:
            co_return co_await send_elsewhere(subject, ending, exit);
        case Ending::Kind::answers:
            break;
        case Ending::Kind::withdrawn:
            co_return co_await collect_withdrawn(subject);
        case Ending::Kind::set_aside:
            co_return co_await set_aside(subject, std::move(ending));
        case Ending::Kind::halve:
            co_return co_await halve(subject);
        case Ending::Kind::wait_turn:
            co_return co_await find_room(subject, ending);
        case Ending::Kind::too_large:
            co_return co_await make_smaller(subject, ending.token_limit.value_or(0));
        case Ending::Kind::wait_paid:
        case Ending::Kind::upload_again:
            co_return co_await send_again(subject, ending);
        case Ending::Kind::same_again:
            co_return co_await send_same_again(subject);
        case Ending::Kind::give_up:
            co_return co_await give_up(subject, ending);
    }
    co_return std::nullopt;
}

Result<std::uint64_t> Collector::count_failed_batches(const Subject& subject) const {
    if (provider::parse_status(subject.batch.status) != provider::BatchStatus::failed) return 0U;
    // Only those that were at the provider count: what we withdrew ourselves says nothing about the lines.
    const auto words = ports_.store.batches.words_of_all(subject.batch);
    if (!words) return words.error();
    const auto has_failed = [](const std::string& word) {
        return provider::parse_status(word) == provider::BatchStatus::failed;
    };
    return static_cast<std::uint64_t>(std::count_if(words->begin(), words->end(), has_failed));
}

asio::awaitable<Result<jsonl::RefusedReport>> Collector::take_out(
    const Subject& subject, const std::map<std::uint64_t, jsonl::LineError>& lines) {
    const jsonl::RefusedPaths paths{.prepared = file(subject, ShardFile::prepared),
                                    .failed = file(subject, ShardFile::failed),
                                    .again = next_prepared(subject)};
    co_return co_await run_blocking(ports_.pool, [&] { return jsonl::split_refused(paths, lines); });
}

Collector::Step Collector::set_aside(const Subject& subject, Ending ending) {
    const auto split = co_await take_out(subject, ending.lines);
    if (!split) co_return postponed(split.error());
    ports_.journal.note(EventKind::lines_refused, subject.job, subject.batch,
                        with_commas(split->failed) + " of " + with_commas(subject.batch.requests) +
                            " requests; the first: " + subject.batch.error);
    Outcome outcome;
    // Nothing of it ran and nothing is charged: only the lines that were named are over.
    outcome.tally.failed = split->failed;
    outcome.again = split->again;
    outcome.run = subject.batch.run;  // nothing ran
    outcome.setbacks = subject.batch.setbacks + 1;
    outcome.unused_file_id = subject.batch.input_file_id;
    co_return co_await commit(subject, std::move(outcome));
}

asio::awaitable<Result<void>> Collector::copy_to_next(const Subject& subject) {
    const Path from = file(subject, ShardFile::prepared);
    const Path to = next_prepared(subject);
    co_return co_await run_blocking(ports_.pool, [&] { return jsonl::copy_rows(from, to); });
}

Collector::Step Collector::send_again(const Subject& subject, const Ending& ending) {
    const auto copied = co_await copy_to_next(subject);
    if (!copied) co_return postponed(copied.error());
    Outcome outcome;
    outcome.again = subject.batch.requests;
    outcome.run = subject.batch.run;  // nothing ran
    if (ending.kind == Ending::Kind::upload_again) {
        outcome.setbacks = subject.batch.setbacks + 1;
        outcome.unused_file_id = subject.batch.input_file_id;
        co_return co_await commit(subject, std::move(outcome));
    }
    // Nothing is wrong with the file, and to send gigabytes again would take longer than the wait.
    outcome.reuse_file_id = subject.batch.input_file_id;
    outcome.setbacks = subject.batch.setbacks;
    const Millis delay = holds_.hold(subject.batch.model, ports_.clock.uptime(), random_jitter());
    const bool paid = ending.kind == Ending::Kind::wait_turn;
    ports_.journal.note(
        paid ? EventKind::token_limit : EventKind::provider_closed, subject.job, subject.batch,
        subject.batch.error + "; again in " +
            std::to_string(std::chrono::ceil<std::chrono::seconds>(delay).count()) + " s at the latest");
    co_return co_await commit(subject, std::move(outcome));
}

Collector::Step Collector::send_same_again(const Subject& subject) {
    const auto copied = co_await copy_to_next(subject);
    if (!copied) co_return postponed(copied.error());
    Outcome outcome;
    outcome.again = subject.batch.requests;
    outcome.run = subject.batch.run;  // nothing ran
    outcome.reuse_file_id = subject.batch.input_file_id;
    outcome.setbacks = subject.batch.setbacks + 1;
    const Millis delay = hold_in_trouble(subject, subject.batch.setbacks);
    ports_.journal.note(EventKind::batch_again, subject.job, subject.batch,
                        (subject.batch.error.empty() ? "it failed without a reason" : subject.batch.error) +
                            "; again in " +
                            std::to_string(std::chrono::ceil<std::chrono::seconds>(delay).count()) + " s");
    co_return co_await commit(subject, std::move(outcome));
}

Collector::Step Collector::give_up(const Subject& subject, const Ending& ending) {
    std::map<std::uint64_t, jsonl::LineError> all;
    // Each request gets an error line of its own, so that a retry finds it where it finds all others.
    for (std::uint64_t line = 1; line <= subject.batch.requests; ++line) all.emplace(line, ending.error);
    const auto split = co_await take_out(subject, all);
    if (!split) co_return postponed(split.error());
    Outcome outcome;
    outcome.tally.failed = split->failed;
    outcome.reason = ending.error.message;
    // Of a batch that is gone or was given up nobody knows whether it still runs.
    const store::Outcome verdict = outcome_of(subject.batch);
    if (verdict != store::Outcome::gone && verdict != store::Outcome::abandoned)
        outcome.unused_file_id = subject.batch.input_file_id;
    else
        outcome.tally.spent = {.unpriced = subject.batch.requests};
    co_return co_await commit(subject, std::move(outcome));
}

/// It can't be told any more what was asked, so nothing can be joined with it.
Collector::Step Collector::collect_without_files(const Subject& subject) {
    // What a crash left of an earlier look would be taken for what is counted here.
    const Path succeeded = file(subject, ShardFile::succeeded), failed = file(subject, ShardFile::failed);
    auto removed = co_await run_blocking(ports_.pool, [&] {
        auto done = jsonl::remove_row_file(succeeded);
        return done ? jsonl::remove_row_file(failed) : done;
    });
    if (!removed) co_return postponed(removed.error());
    Outcome outcome;
    outcome.has_files = false;
    outcome.tally.failed = subject.batch.requests;
    // Of a create that was never answered nobody knows whether it took effect.
    const bool may_have_run = !subject.batch.batch_id.empty() ||
                              outcome_of(subject.batch) == store::Outcome::unanswered_cancel ||
                              outcome_of(subject.batch) == store::Outcome::abandoned;
    if (may_have_run) outcome.tally.spent = {.unpriced = subject.batch.requests};
    outcome.reason = missing_in_work(file(subject, ShardFile::prepared));
    co_return co_await commit(subject, std::move(outcome));
}

Path Collector::file(const Subject& subject, ShardFile kind) const {
    return ports_.layout.shard_file(subject.job.key, {subject.batch.shard, subject.batch.attempt}, kind);
}

Path Collector::next_prepared(const Subject& subject) const {
    return ports_.layout.shard_file(subject.job.key, {subject.batch.shard, subject.batch.attempt + 1},
                                    ShardFile::prepared);
}

}  // namespace batchd::engine
