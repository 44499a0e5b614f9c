// What a batch came to, committed as one: for each job whose requests it had, and with the attempts that
// follow.

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "engine/attempt_key.hpp"
#include "engine/collect/collector.hpp"

namespace batchd::engine {

using spool::ShardFile;

Collector::Step Collector::commit(const Subject& subject, Outcome outcome, const jsonl::MatchReport* sorted,
                                  const PartCharges* charges) {
    auto next = co_await run_blocking(ports_.pool, [&] { return split(subject, outcome, sorted, charges); });
    if (!next) co_return postponed(next.error());
    const store::Batch& batch = subject.batch;
    std::uint64_t complete = 0;  // jobs
    // One commit for the counts, the next attempts and the state of the jobs: with two, a crash between them
    // would lose the requests that go out again, or count answers twice. The files that it speaks of are
    // durable already.
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto done = record(subject, outcome);
        for (const NextParts& attempt : *next)
            if (done) done = add_attempt(subject, outcome, attempt);
        if (done && !outcome.unused_file_id.empty())
            done = ports_.store.unused_files.add(ports_.name, outcome.unused_file_id, subject.job.id,
                                                 outcome.unused_why, ports_.clock.now());
        if (!done) return done;
        const auto& tally = outcome.tally;
        ports_.journal.note(EventKind::batch_collected, subject.job, batch,
                            with_commas(tally.succeeded) + " answered, " + with_commas(tally.failed) +
                                " failed, " + with_commas(batch.requests - tally.succeeded - tally.failed) +
                                " again");
        // Asked inside the transaction, after the next attempts were added, so that the last of two batches
        // that end at once is the one that completes the job.
        const auto ended = ports_.store.parts.deliver_complete_jobs(batch.id);
        if (!ended) return ended.error();
        complete = *ended;
        return {};
    });
    if (!recorded) co_return postponed(recorded.error());
    const std::string& whose = outcome.provider.empty() ? ports_.name : outcome.provider;
    // After the commit: who is woken before it would not see the rows.
    if (!next->empty()) ports_.wakes.of(whose).submitter.raise();
    if (!outcome.unused_file_id.empty()) ports_.own_wakes.sweeper.raise();
    if (complete > 0) ports_.wakes.deliverer.raise();
    // Not before: another of its batches may be about to be cut, with a number that is on record nowhere yet.
    if (complete > 0) last_shard_.erase(subject.job.key);
    if (batch.is_shared()) ports_.own_wakes.bundle_cleaner.raise();  // all of its jobs may have left
    looks_.erase(batch.id.value);
    reasonless_.erase(batch.id.value);
    ports_.wakes.progressed();
    co_return std::nullopt;
}

Result<std::vector<Collector::NextParts>> Collector::split(const Subject& subject, Outcome& outcome,
                                                           const jsonl::MatchReport* sorted,
                                                           const PartCharges* charges) const {
    std::vector<NextParts> next;
    if (outcome.again > 0) next.push_back({{subject.batch.shard, subject.batch.attempt + 1}, outcome.again});
    for (const CutPart& part : outcome.new_shards) next.push_back({part.attempt, part.requests});
    if (!subject.batch.is_shared()) return next;

    const auto& parts = subject.parts;
    const auto none = std::vector<std::uint64_t>(parts.size());
    const auto rows_in = [&](bool any, ShardFile kind) -> Result<std::vector<std::uint64_t>> {
        if (!any) return none;
        if (outcome.has_files) return count_rows(file(subject, kind), parts);
        std::vector<std::uint64_t> all;  // they can't be counted any more, and all have failed
        for (const store::Part& part : parts) all.push_back(part.requests);
        return all;
    };
    // Counted in the files that the deliverer will take the rows from, so that both come to the same.
    const auto completed = rows_in(outcome.tally.succeeded > 0, ShardFile::succeeded);
    if (!completed) return completed.error();
    const auto failed = rows_in(outcome.tally.failed > 0, ShardFile::failed);
    if (!failed) return failed.error();
    std::vector<std::uint64_t> lost = none;
    if (sorted != nullptr)
        for (const std::uint64_t row : sorted->lost_rows)
            if (const auto part = part_of_row(parts, row)) ++lost[*part];

    const bool is_open = outcome.tally.spent.unpriced > outcome.tally.lost && sorted == nullptr;
    const bool ended_by_us = outcome_of(subject.batch) == store::Outcome::unanswered_cancel;
    const PartCharges nothing(parts);
    outcome.tally.spent.cost = outcome.tally.spent.cost ? std::optional<std::int64_t>(0) : std::nullopt;
    outcome.tally.spent.cost_sync = outcome.tally.spent.cost;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        outcome.figures.push_back(figures_of((*completed)[i], (*failed)[i], lost[i],
                                             (charges != nullptr ? *charges : nothing).of(i),
                                             is_open || ended_by_us));
        // Each job is told its own, rounded once; what the batch cost is the sum of that.
        const store::Spent& spent = outcome.figures.back().spent;
        if (outcome.tally.spent.cost) *outcome.tally.spent.cost += spent.cost.value_or(0);
        if (outcome.tally.spent.cost_sync) *outcome.tally.spent.cost_sync += spent.cost_sync.value_or(0);
    }
    for (NextParts& attempt : next) {
        auto rows = count_rows(
            ports_.layout.shard_file(subject.job.key, attempt.attempt, ShardFile::prepared), parts);
        if (!rows) return rows.error();
        attempt.of_parts = std::move(*rows);
    }
    return next;
}

Result<void> Collector::record(const Subject& subject, const Outcome& outcome) {
    const store::Batch& batch = subject.batch;
    auto done = holding_.release(batch, "it is collected");
    if (done) done = ports_.store.batches.record_collection(batch.id, outcome.tally, ports_.clock.now());
    for (std::size_t i = 0; i < outcome.figures.size(); ++i)
        if (done) done = ports_.store.parts.record(subject.parts[i], outcome.figures[i]);
    if (done) done = ports_.store.parts.add_to_jobs(batch.id);
    if (outcome.reason.empty()) return done;
    for (const store::Part& part : subject.parts)
        if (done && !part.left_at) done = ports_.store.jobs.record_reason(part.job, outcome.reason);
    return done;
}

Result<void> Collector::add_attempt(const Subject& subject, const Outcome& outcome,
                                    const NextParts& attempt) {
    const spool::ShardAttempt& to = attempt.attempt;
    const Path prepared = ports_.layout.shard_file(subject.job.key, to, ShardFile::prepared);
    const auto size_bytes = jsonl::text_bytes_of(prepared);
    if (!size_bytes) return size_bytes.error();
    store::Batch next = subject.batch;
    // An attempt that follows goes by itself: what it might be put together with has gone.
    next.share.clear();
    next.shard = to.shard;
    next.attempt = to.attempt;
    next.run = outcome.run;
    next.setbacks = outcome.setbacks;
    // Each attempt has a mark of its own, for the provider lists the earlier ones beside it; it follows from
    // the job, so that it can be known again without the database.
    next.key = attempt_key(subject.job.key, to);
    next.input_file_id = outcome.reuse_file_id;
    next.requests = attempt.requests;
    next.size_bytes = *size_bytes;
    // By the share of the bytes: the exact sum would need every line to be read once more, for a number that
    // is an estimate anyway.
    next.estimated_tokens =
        subject.batch.estimated_tokens * *size_bytes / std::max<std::uint64_t>(1, subject.batch.size_bytes);
    next.created_at = ports_.clock.now();
    if (!outcome.provider.empty()) {
        next.provider = outcome.provider;
        next.model = outcome.model;
        next.endpoint = outcome.endpoint;
        // What is on record of one provider's address and account means nothing at the other's.
        next.base_url.clear();
        next.account.clear();
        next.deadline_at.reset();
    }
    if (!next.is_shared()) return ports_.store.batches.add(next);
    auto parts = parts_of_next(subject, attempt);
    if (!parts) return parts.error();
    if (parts->empty()) return {};  // all who wanted it have left
    const auto row = ports_.store.batches.add_shared(next);
    if (!row) return row.error();
    for (store::Part& part : *parts) {
        part.batch = *row;
        if (auto added = ports_.store.parts.add(part); !added) return added;
    }
    return {};
}

/// Rows of a job that has left stay behind: a batch with rows of nobody is taken back before it is sent, and
/// goes on without them.
Result<std::vector<store::Part>> Collector::parts_of_next(const Subject& subject,
                                                          const NextParts& next) const {
    std::vector<store::Part> parts;
    for (std::size_t i = 0; i < subject.parts.size(); ++i) {
        if (next.of_parts[i] == 0) continue;
        const auto has_left = ports_.store.parts.has_left(subject.parts[i]);
        if (!has_left) return has_left.error();
        if (*has_left) continue;
        parts.push_back(subject.parts[i]);
        parts.back().attempt += 1;
        parts.back().requests = next.of_parts[i];
    }
    return parts;
}

}  // namespace batchd::engine
