// What becomes of a batch that is too large, or that has something wrong in it: it is cut.

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "engine/collect/collector.hpp"
#include "engine/end/ended_batch.hpp"
#include "engine/room/token_room.hpp"
#include "jsonl/rows/row_file.hpp"
#include "jsonl/rows/split_rows.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using spool::ShardFile;

Collector::Step Collector::find_room(const Subject& subject, const Ending& ending) {
    const store::Batch& batch = subject.batch;
    const Millis now = ports_.clock.uptime();
    if (ending.token_limit) holds_.learn_limit(batch.model, *ending.token_limit, now);
    const auto beside = ports_.store.batches.count_beside(batch.id, ports_.name, batch.model,
                                                          batch.submitted_at.value_or(batch.created_at),
                                                          batch.ended_at.value_or(ports_.clock.now()));
    if (!beside) co_return postponed(beside.error());
    auto limit = ending.token_limit;
    if (!limit) limit = holds_.limit_of(batch.model, subject.terms.batch.enqueued_tokens, now);
    const RoomAsked asked{.requests = batch.requests,
                          .estimated_tokens = batch.estimated_tokens,
                          .size_bytes = batch.size_bytes,
                          .limit = limit,
                          .refusals_alone = holds_.refused(subject.job.key, batch.shard, *beside)};
    // Waiting comes before cutting: most of the time it is other batches that fill the room, and they end.
    if (room_for(asked) == Room::wait) co_return co_await send_again(subject, ending);
    // Without a limit there is only waiting, so that one is known here.
    co_return co_await make_smaller(subject, *limit);
}

Collector::Step Collector::make_smaller(const Subject& subject, std::uint64_t token_limit) {
    const store::Batch& batch = subject.batch;
    holds_.forget_refusals(subject.job.key, batch.shard);
    if (batch.requests > 1) {
        // By bytes, of which each part gets its share: the tokens of a single line are not known, only
        // those of the batch.
        const std::uint64_t part = tokens_of_part(batch.estimated_tokens, token_limit);
        const std::uint64_t part_bytes =
            batch.size_bytes * part / std::max<std::uint64_t>(1, batch.estimated_tokens);
        CutInto by_size = [part_bytes](std::span<const jsonl::RowRef> rows) {
            return cut_rows(rows, part_bytes);
        };
        auto outcome = co_await cut(subject, std::move(by_size));
        if (!outcome) co_return postponed(outcome.error());
        ports_.journal.note(EventKind::token_limit, subject.job, batch,
                            "too large by itself, and cut into " +
                                with_commas(outcome->new_shards.size() + 1) + " batches: " + batch.error);
        co_return co_await commit(subject, std::move(*outcome));
    }
    // One request can't be cut: it fails, as one that validation has named.
    Ending alone;
    alone.kind = Ending::Kind::set_aside;
    jsonl::LineError& error = alone.lines[1];
    error.code = "token_limit_exceeded";
    error.message = "the request alone has about " + with_commas(batch.estimated_tokens) +
                    " tokens, more than may be enqueued at a time: " + batch.error;
    co_return co_await set_aside(subject, std::move(alone));
}

Collector::Step Collector::halve(const Subject& subject) {
    CutInto in_halves = [](std::span<const jsonl::RowRef> rows) {
        return std::vector<std::uint64_t>{rows.size() / 2, rows.size() - rows.size() / 2};
    };
    auto outcome = co_await cut(subject, std::move(in_halves));
    if (!outcome) co_return postponed(outcome.error());
    ports_.journal.note(EventKind::batch_again, subject.job, subject.batch,
                        "in " + with_commas(outcome->new_shards.size() + 1) +
                            " parts, to find out which of its requests is meant: " + subject.batch.error);
    co_return co_await commit(subject, std::move(*outcome));
}

Result<bool> Collector::cut_counts(const Subject& subject) const {
    auto is_cut = file_exists(file(subject, ShardFile::cut));
    if (!is_cut || !*is_cut || says_that_nothing_ran(subject.batch)) return is_cut;
    // A provider may take "failed" back: what it has run by now is paid, and is not to be run again in parts.
    // Of a batch that it has forgotten nobody knows, but for one whose parts were sent in its place.
    if (outcome_of(subject.batch) != store::Outcome::gone) return false;
    const spool::ShardAttempt first_part{subject.batch.shard, subject.batch.attempt + 1};
    return file_exists(ports_.layout.shard_file(subject.job.key, first_part, ShardFile::batch_id));
}

Collector::Step Collector::cut_as_decided(const Subject& subject) {
    CutInto undecided = [](std::span<const jsonl::RowRef> rows) {
        return std::vector<std::uint64_t>{rows.size()};
    };
    auto outcome = co_await cut(subject, std::move(undecided));
    if (!outcome) co_return postponed(outcome.error());
    ports_.journal.note(EventKind::batch_again, subject.job, subject.batch,
                        "in " + with_commas(outcome->new_shards.size() + 1) +
                            " parts, as was decided before: " + subject.batch.error);
    co_return co_await commit(subject, std::move(*outcome));
}

asio::awaitable<Result<Collector::Outcome>> Collector::cut(const Subject& subject, CutInto cut_into) {
    // The decision is written down first, and then the parts: their marks follow from their numbers, and
    // after a crash the same cut must come out, or a part that is at the provider already would be sent
    // under another mark.
    auto parts = co_await decide_cut(subject, std::move(cut_into));
    if (!parts) co_return parts.error();
    std::vector<jsonl::RowPart> files;
    for (const CutPart& part : *parts)
        files.push_back(
            {ports_.layout.shard_file(subject.job.key, part.attempt, ShardFile::prepared), part.requests});
    const Path from = file(subject, ShardFile::prepared);
    auto written = co_await run_blocking(ports_.pool, [&] { return jsonl::split_rows(from, files); });
    if (!written) co_return written.error();

    Outcome outcome;
    outcome.again = parts->front().requests;
    outcome.new_shards.assign(parts->begin() + 1, parts->end());
    outcome.run = subject.batch.run;  // nothing ran
    outcome.unused_file_id = subject.batch.input_file_id;
    co_return outcome;
}

asio::awaitable<Result<std::vector<CutPart>>> Collector::decide_cut(const Subject& subject,
                                                                    CutInto cut_into) {
    const Path decision = file(subject, ShardFile::cut);
    auto decided = co_await run_blocking(ports_.pool, [&] { return read_cut_file(decision); });
    if (!decided) co_return decided.error();
    if (*decided) co_return std::move(**decided);

    const Path from = file(subject, ShardFile::prepared);
    auto counts = co_await run_blocking(ports_.pool, [&]() -> Result<std::vector<std::uint64_t>> {
        const auto index = jsonl::RowIndex::load(from);
        if (!index) return index.error();
        return cut_into(index->rows());
    });
    if (!counts) co_return counts.error();
    auto taken = co_await run_blocking(ports_.pool,
                                       [&] { return last_shard_in_work(ports_.layout, subject.job.key); });
    if (!taken) co_return taken.error();
    const auto first_new = take_shard_numbers(subject, *taken, counts->size() - 1);
    if (!first_new) co_return first_new.error();
    std::vector<CutPart> parts;
    for (std::size_t i = 0; i < counts->size(); ++i) {
        spool::ShardAttempt attempt{subject.batch.shard, subject.batch.attempt + 1};
        if (i > 0) attempt = {*first_new + i - 1, 1};
        parts.push_back({attempt, (*counts)[i]});
    }
    auto recorded = co_await run_blocking(ports_.pool, [&] { return write_cut_file(decision, parts); });
    if (!recorded) co_return recorded.error();
    co_return parts;
}

Result<std::uint64_t> Collector::take_shard_numbers(const Subject& subject, std::uint64_t taken,
                                                    std::uint64_t count) {
    const auto on_record = ports_.store.batches.last_shard(subject.batch);
    if (!on_record) return on_record.error();
    // Two batches of a job may be cut at the same time.
    std::uint64_t& last = last_shard_[subject.job.key];
    last = std::max({last, *on_record, taken});
    const std::uint64_t first = last + 1;
    last += count;
    return first;
}

}  // namespace batchd::engine
