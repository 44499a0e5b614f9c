// What becomes of a batch that has run: its files are looked at until they are believed.

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "base/backoff.hpp"
#include "engine/bill/charges.hpp"
#include "engine/cancel/cancel_deadline.hpp"
#include "engine/collect/collector.hpp"
#include "engine/fallback/fallback_rules.hpp"
#include "engine/look/whose_batch.hpp"
#include "engine/prepare/mend_rows.hpp"
#include "engine/record/owner.hpp"
#include "engine/stage/holding.hpp"
#include "engine/stage/row_backoff.hpp"
#include "engine/watch/sighting.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using spool::ShardFile;

namespace {

/// However long it took: a machine that slept, or a provider that could not be reached, used up the time in
/// between without a look.
constexpr unsigned kLooksMin = 5;

/// What the batch has shown, with what was found in its files.
EndLook look_at(const store::Batch& batch, const jsonl::MatchReport& found, bool files_are_whole) {
    EndLook look;
    look.status = provider::parse_status(batch.status);
    look.told_completed = batch.completed;
    look.told_failed = batch.failed;
    look.output_file_id = batch.output_file_id;
    look.error_file_id = batch.error_file_id;
    look.files_are_whole = files_are_whole;
    look.missing = found.missing;
    look.ran = found.ran;
    // Named by the provider as not run, which is the one case in which sending again costs nothing.
    look.not_run = found.rows - found.missing - found.ran;
    look.nameless = found.nameless;
    return look;
}

/// A file of the right size may hold a line twice in the place of another one, or blanks: another download
/// may bring what is missing, unless the provider counts no more than is there.
bool shows_all_that_ran(const store::Batch& batch, const jsonl::MatchReport& found) {
    return found.missing == 0 || (found.repeated == 0 && batch.completed + batch.failed == found.ran);
}

}  // namespace

bool Collector::is_last_look(const Subject& subject) const {
    if (!subject.job.cancel_asked_at) return false;
    const TimePoint now = ports_.clock.now();
    return now >= collection_deadline(*subject.job.cancel_asked_at, subject.batch.ended_at.value_or(now),
                                      ports_.settings.retry.cancel_patience, now);
}

Collector::Step Collector::collect_answers(Subject& subject, bool last_look) {
    Fetched fetched;
    Answers answers;
    if (auto wait = co_await look(subject, last_look, fetched, answers)) co_return wait;
    // The look may have shown that it has not ended; then it is watched again.
    const auto now_seen = ports_.store.batches.find(subject.batch.id);
    if (!now_seen) co_return postponed(now_seen.error());
    if (!*now_seen || (*now_seen)->phase != store::BatchPhase::ended) co_return std::nullopt;

    Looks& looks = looks_[subject.batch.id.value];
    const bool ended_by_us = outcome_of(subject.batch) == store::Outcome::unanswered_cancel;
    const jsonl::MatchReport& found = answers.match.found();
    // A line of a batch that is not ours, or one that can not be read, means that the download can not be
    // trusted as a whole: the missing rows may be in what was cut.
    bool whole = fetched.complete && found.unreadable == 0 && found.unknown == 0;
    bool has_another_size = false;
    looks.files_are_sound = whole && shows_all_that_ran(subject.batch, found);
    if (!last_look && !ended_by_us)
        if (auto wait = co_await hold_against_sizes(fetched, has_another_size, looks.files_are_sound))
            co_return wait;

    EndLook seen = look_at(subject.batch, found, whole && !has_another_size);
    seen.has_another_size = has_another_size;
    const auto job = owner_of(ports_.store, subject.batch);  // a cancel may have come meanwhile
    if (!job) co_return postponed(job.error());
    // Both, often and long: many looks within a second see the same trouble, and a long time without a look
    // saw nothing.
    const bool looked_often = looks.count + 1 >= kLooksMin;
    const Millis waited = looks.count == 0 ? Millis{0} : ports_.clock.uptime() - looks.since;
    const bool looked_enough = looked_often && patience_left(looks) == Millis{0};
    const EndDecision decision = decide_end(seen, looks.last,
                                            {.patience_is_over = last_look || looked_enough,
                                             .waited_a_while = looked_often && waited >= kCollectionMin,
                                             .cancelled = *job && (*job)->cancel_asked_at.has_value(),
                                             .ended_by_us = ended_by_us});
    if (decision.conclusion != Conclusion::take) co_return look_again(looks, seen);
    co_return co_await take_answers(subject, std::move(answers), decision, std::move(fetched));
}

Collector::Step Collector::look(Subject& subject, bool last_look, Fetched& fetched, Answers& answers) {
    const Looks& looks = looks_[subject.batch.id.value];
    if (looks.count > 0 && !last_look) {
        const Asked asked = co_await ask(subject);
        if (!asked.go_on) co_return asked.wait;
    }
    if (auto wait = co_await fetch_all(subject, last_look, fetched)) co_return wait;
    if (!fetched.gone.empty() && looks.count > 0)
        if (auto wait = hold_with_another_key(subject)) co_return wait;
    auto found = co_await read(subject, fetched);
    if (!found) {
        // What was sent is read as well, to know whose the answers are.
        co_await mend_rows(ports_.pool, ports_.layout, ports_.journal, subject.job, subject.batch,
                           subject.terms);
        co_return postponed(found.error());
    }
    if (!fetched.anew.empty()) {
        // A provider that writes its files again may show fewer rows for a while, or for ever: what was
        // seen once is kept.
        const bool is_worse = looks.last && found->match.found().missing > looks.last->missing;
        if (auto wait = co_await keep_the_better(subject, is_worse, fetched)) co_return wait;
        found = co_await read(subject, fetched);
        if (!found) co_return postponed(found.error());
    }
    answers = std::move(*found);
    co_return std::nullopt;
}

/// Counted from the first look of this process, by a clock that nobody sets: a patience that was over because
/// the daemon had been stopped, or its clock was wrong, would lose answers for one bad download.
Millis Collector::patience_left(const Looks& looks) const {
    return std::max(Millis{0}, looks.since + ports_.settings.retry.result_patience - ports_.clock.uptime());
}

Millis Collector::pause_after(Looks& looks) const {
    if (looks.count == 0) looks.since = ports_.clock.uptime();
    const Millis pause = row_backoff(ports_.settings.retry).delay(++looks.count, random_jitter());
    // Not beyond the time at which it has to be enough.
    const Millis left = patience_left(looks);
    return left > Millis{0} ? std::min(pause, left) : pause;
}

Progress Collector::look_again(Looks& looks, EndLook look) {
    const std::string why = "looking again at the results: " + why_look_again(look);
    looks.last = std::move(look);
    return Postponed{.why = why, .until = Postponed::Until::delay, .delay = pause_after(looks)};
}

Progress Collector::wait_for_reasons(const Subject& subject) {
    Looks& looks = reasonless_[subject.batch.id.value];
    const bool cancelled = subject.job.cancel_asked_at.has_value();
    const Millis waited = looks.count == 0 ? Millis{0} : ports_.clock.uptime() - looks.since;
    const bool is_enough = patience_left(looks) == Millis{0} || (cancelled && waited >= kCollectionMin);
    if (looks.count + 1 >= kLooksMin && is_enough) return std::nullopt;
    return Postponed{.why = "it has failed, and does not say why yet",
                     .until = Postponed::Until::delay,
                     .delay = pause_after(looks),
                     .is_usual = true};
}

Collector::Step Collector::take_answers(Subject& subject, Answers answers, const EndDecision& decision,
                                        Fetched fetched) {
    const jsonl::MatchReport& found = answers.match.found();
    // Judged only after its files were looked at, for "failed" is said of batches that have run for hours,
    // too.
    const bool nothing_ran = found.missing == found.rows && decision.unanswered != jsonl::Unanswered::lost;
    if (provider::parse_status(subject.batch.status) == provider::BatchStatus::failed && nothing_ran) {
        const auto is_cut = file_exists(file(subject, ShardFile::cut));
        if (!is_cut) co_return postponed(is_cut.error());
        if (*is_cut) co_return co_await cut_as_decided(subject);
        const auto failed_batches = count_failed_batches(subject);
        if (!failed_batches) co_return postponed(failed_batches.error());
        Ending ending =
            judge_failure(subject.batch, subject.errors, *failed_batches, exit_for(subject).is_open);
        co_return co_await act_on(subject, std::move(ending));
    }
    // It has run after all, so that a cut of before is none: its parts must not be sent on the day on which
    // the database is lost.
    if (auto removed = remove_file(file(subject, ShardFile::cut)); !removed)
        co_return postponed(removed.error());
    // While the batch can still be told to stop: what a second one has answered by the time it is found is
    // paid. Whoever cancelled has waited long enough, and the watch for second batches looks all the same.
    if (!is_last_look(subject)) co_await look_for_twins(subject.batch);
    const Exit exit = exit_for(subject);
    const auto to = co_await next_provider(subject, exit,
                                           goes_to_fallback({.without_model = found.without_model > 0,
                                                             .attempts_used_up = is_last_attempt(subject),
                                                             .is_late = exit.is_late}));
    if (!to) co_return postponed(to.error());
    jsonl::MatchOptions options = options_for(subject, decision.unanswered);
    options.without_money = without_money(subject, exit);
    auto sorted = co_await run_blocking(ports_.pool, [&] { return answers.match.sort(options); });
    if (!sorted) co_return postponed(sorted.error());
    if (const auto& gone = fetched.gone; !gone.empty())
        ports_.journal.note(EventKind::batch_gone, subject.job, subject.batch, gone);
    report(subject, *sorted);
    if (const auto differs = usage_difference(*sorted, answers.bill.usage(), subject.batch))
        ports_.journal.note(EventKind::usage_differs, subject.job, subject.batch, *differs);

    Outcome outcome;
    outcome.tally = tally_of(*sorted, std::move(answers.bill),
                             outcome_of(subject.batch) == store::Outcome::unanswered_cancel);
    outcome.again = sorted->again;
    // From here on the requests count as having run, and may be charged: only so many attempts are allowed
    // of that.
    outcome.run = subject.batch.run + 1;
    pause_before_next(subject, *sorted, options.without_money, outcome);
    release_results(subject, fetched, *sorted, outcome);
    if (auto wait = co_await take_exit(subject, exit, *to, outcome)) co_return wait;
    co_return co_await commit(subject, std::move(outcome), &*sorted, &answers.charges);
}

jsonl::MatchPaths Collector::paths_of(const Subject& subject, std::vector<Path> results) const {
    jsonl::MatchPaths paths;
    paths.prepared = file(subject, ShardFile::prepared);
    paths.results = std::move(results);
    paths.succeeded = file(subject, ShardFile::succeeded);
    paths.failed = file(subject, ShardFile::failed);
    paths.again = next_prepared(subject);
    paths.unreadable = file(subject, ShardFile::unreadable);
    return paths;
}

bool Collector::is_last_attempt(const Subject& subject) const {
    // A direct run repeats its requests itself, and what it gives up is given up.
    return ports_.provider.rows_are_final() || subject.batch.run >= subject.terms.row_attempts;
}

jsonl::MatchOptions Collector::options_for(const Subject& subject, jsonl::Unanswered unanswered) const {
    const Exit exit = exit_for(subject);
    jsonl::MatchOptions options;
    options.unanswered = unanswered;
    // With a fallback the last attempt here is not the last of all.
    const bool again = !exit.is_cancelled && (exit.is_open || !is_last_attempt(subject));
    if (exit.is_open) options.without_model = jsonl::WithoutModel::elsewhere;
    options.attempts = again ? jsonl::Attempts::left : jsonl::Attempts::exhausted;
    if (exit.is_cancelled) {
        options.when_cancelled = jsonl::WhenCancelled::give_up;
        // A request without a line was not answered because somebody cancelled it, and its error says so.
        options.missing = options.cancelled;
    } else if (subject.batch.is_shared()) {
        // A copy of them, for it is asked in the pool, and the database is read on its own thread only.
        if (const auto parts = ports_.store.parts.of_batch(subject.batch.id))
            options.is_cancelled = [of_batch = *parts](std::uint64_t row) {
                const auto part = part_of_row(of_batch, row);
                return !part || of_batch[*part].left_at || of_batch[*part].cancel_asked_at;
            };
    }
    return options;
}

void Collector::report(const Subject& subject, const jsonl::MatchReport& report) {
    if (report.repeated + report.unknown + report.unreadable > 0) {
        std::string detail = with_commas(report.unknown) + " unknown, " + with_commas(report.repeated) +
                             " repeated, " + with_commas(report.unreadable) + " unreadable";
        for (const std::string& id : report.unknown_ids) detail += "; unknown: " + id;
        for (const std::string& line : report.unreadable_lines) detail += "; " + line;
        ports_.journal.note(EventKind::rows_unexpected, subject.job, subject.batch, detail);
    }
    const std::string of_all = " of " + with_commas(subject.batch.requests) + " requests ";
    if (report.lost > 0)
        ports_.journal.note(
            EventKind::answers_lost, subject.job, subject.batch,
            with_commas(report.lost) + of_all + "may have been answered, unreadably or unseen");
    if (report.again > 0)
        ports_.journal.note(
            EventKind::rows_again, subject.job, subject.batch,
            with_commas(report.again) + of_all + "go out again" +
                (report.missing > 0 ? ", " + with_commas(report.missing) + " had no line at all" : "") +
                (report.without_money > 0
                     ? ", " + with_commas(report.without_money) + " were refused because the quota is spent"
                     : ""));
}

}  // namespace batchd::engine
