// What this provider can't run, or has not answered in time, goes to the queue's fallback.

#include "base/async/run_blocking.hpp"
#include "engine/collect/collector.hpp"
#include "engine/fallback/fallback_rules.hpp"
#include "engine/fallback/next_provider.hpp"
#include "engine/fallback/rewording.hpp"
#include "engine/record/owner.hpp"
#include "engine/terms/terms.hpp"

namespace batchd::engine {

Collector::Exit Collector::exit_for(const Subject& subject) const {
    const auto job = owner_of(ports_.store, subject.batch);  // a cancel may have come meanwhile
    Exit exit;
    exit.is_cancelled = job && *job && (*job)->cancel_asked_at;
    exit.is_open = !exit.is_cancelled && fallback_of(subject.terms, subject.batch) != nullptr;
    exit.is_late = exit.is_open && is_late(subject.batch, ports_.clock.now());
    return exit;
}

boost::asio::awaitable<Result<NextProvider>> Collector::next_provider(const Subject& subject,
                                                                      const Exit& exit,
                                                                      bool is_for_fallback) {
    if (!exit.is_open) co_return NextProvider::same;
    const spool::ShardAttempt next{subject.batch.shard, subject.batch.attempt + 1};
    const NextProvider wish = is_for_fallback ? NextProvider::fallback : NextProvider::same;
    auto decide = [&] {
        return decide_next_provider(ports_.layout, subject.job.key, next, wish,
                                    subject.terms.fallback->provider);
    };
    co_return co_await run_blocking(ports_.pool, decide);
}

Collector::Step Collector::send_elsewhere(const Subject& subject, const Ending& ending, const Exit& exit) {
    // Before any line is made: the decision has to be on disk before the lines that follow from it.
    const auto to = co_await next_provider(subject, exit, true);
    if (!to) co_return postponed(to.error());
    const auto split = co_await take_out(subject, ending.lines);
    if (!split) co_return postponed(split.error());
    Outcome outcome;
    outcome.tally.failed = split->failed;
    outcome.again = split->again;
    outcome.run = subject.batch.run;  // nothing ran
    outcome.unused_file_id = subject.batch.input_file_id;
    if (auto wait = co_await take_exit(subject, exit, *to, outcome)) co_return wait;
    co_return co_await commit(subject, std::move(outcome));
}

/// What goes to the fallback has its first attempt there, in the words that it has there.
Collector::Step Collector::take_exit(const Subject& subject, const Exit& exit, NextProvider to,
                                     Outcome& outcome) {
    if (to == NextProvider::same || outcome.again == 0) co_return std::nullopt;
    const Path rows = next_prepared(subject);
    const jsonl::RequestDefaults rules = rewording(subject.terms);
    auto reword = [&] { return reword_rows(rows, rules); };
    // The rows were written just now from the prepared file, also after a crash, so nothing is reworded
    // twice.
    if (auto reworded = co_await run_blocking(ports_.pool, reword); !reworded)
        co_return postponed(reworded.error());
    // Attempts are counted by provider: what the first one has used up is no fault of the second.
    outcome.run = 1;
    outcome.setbacks = 0;
    outcome.provider = subject.terms.fallback->provider;
    outcome.model = std::string(jsonl::sent_model(rules, subject.batch.model));
    outcome.endpoint = jsonl::sent_url(rules, subject.batch.endpoint);
    ports_.journal.note(EventKind::rows_elsewhere, subject.job, subject.batch,
                        with_commas(outcome.again) + " of " + with_commas(subject.batch.requests) +
                            " requests go to " + outcome.provider +
                            (exit.is_late ? ": the deadline is over" : ""));
    co_return std::nullopt;
}

}  // namespace batchd::engine
