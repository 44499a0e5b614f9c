#include "engine/collector.hpp"

#include <algorithm>

#include "base/run_blocking.hpp"
#include "engine/attempt_key.hpp"
#include "jsonl/row_file.hpp"
#include "jsonl/split_refused.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using spool::ShardFile;

namespace {

/// The rows of a shard once more under the name of its next attempt. Blocking.
Result<void> copy_rows(const Path& from, const Path& to) {
    auto reader = jsonl::RowFileReader::open(from);
    if (!reader) return reader.error();
    auto writer = jsonl::RowFileWriter::create(to);
    if (!writer) return writer.error();
    for (jsonl::Row row;;) {
        const auto more = reader->next(row);
        if (!more) return more.error();
        if (!*more) return writer->commit();
        if (auto appended = writer->append(row.line_number, row.id, row.text); !appended) return appended;
    }
}

}  // namespace

Collector::Collector(Ports& ports, ModelHolds& holds)
    : ports_(ports),
      holds_(holds),
      worker_(
          ports.clock, ports.wakes.collector,
          {.slots = ports.settings.provider.max_connections, .backoff = ports.backoff()},
          {.find =
               ids_of([this](std::size_t count_max) { return ports_.store.batches.to_collect(count_max); }),
           .work = [this](std::int64_t id) { return collect(id); },
           .say = [this](std::int64_t id,
                         const std::string& why) { ports_.journal.waiting(store::BatchRowId{id}, why); }}) {}

asio::awaitable<void> Collector::run() {
    return worker_.run();
}

Collector::Step Collector::collect(std::int64_t id) {
    auto batch = ports_.store.batches.find(store::BatchRowId{id});
    if (!batch) co_return postponed(batch.error());
    if (!*batch || (*batch)->phase != store::BatchPhase::ended) co_return std::nullopt;
    auto job = ports_.store.jobs.find((*batch)->job_id);
    if (!job) co_return postponed(job.error());
    if (!*job) co_return std::nullopt;
    const Subject subject{std::move(**batch), std::move(**job)};

    std::vector<provider::ValidationError> errors;
    if (provider::parse_status(subject.batch.status) == provider::BatchStatus::failed) {
        // The row has only the first of them; all are needed to set every refused line aside at once.
        auto object = co_await ports_.provider.retrieve(subject.batch.batch_id);
        // When the provider no longer knows it, what the row has must do: nothing of it ran.
        if (!object && object.error().kind != provider::FailureKind::not_found)
            co_return postponed(object.error(), "asking why a batch failed");
        if (object) errors = std::move(object->errors);
    }
    // What was to be cut before the database was lost is cut again, into the same parts.
    const auto is_cut = file_exists(file(subject, ShardFile::cut));
    if (!is_cut) co_return postponed(is_cut.error());
    if (*is_cut) co_return co_await cut(subject, 0);
    Ending ending = judge(subject.batch, errors);
    switch (ending.kind) {
        case Ending::Kind::answers:
            co_return co_await collect_answers(subject);
        case Ending::Kind::set_aside:
            co_return co_await set_aside(subject, std::move(ending));
        case Ending::Kind::wait_turn:
            co_return co_await find_room(subject, ending);
        case Ending::Kind::too_large:
            co_return co_await make_smaller(subject, ending.token_limit.value_or(0));
        case Ending::Kind::wait_paid:
        case Ending::Kind::upload_again:
            co_return co_await send_again(subject, ending);
        case Ending::Kind::give_up:
            co_return co_await give_up(subject, ending);
    }
    co_return std::nullopt;
}

Collector::Step Collector::collect_answers(const Subject& subject) {
    Fetched fetched;
    if (auto wait = co_await fetch(subject, ShardFile::output, subject.batch.output_file_id, fetched))
        co_return wait;
    if (auto wait = co_await fetch(subject, ShardFile::error, subject.batch.error_file_id, fetched))
        co_return wait;

    jsonl::MatchPaths paths;
    paths.prepared = file(subject, ShardFile::prepared);
    paths.results = std::move(fetched.files);
    paths.succeeded = file(subject, ShardFile::succeeded);
    paths.failed = file(subject, ShardFile::failed);
    paths.again = next_prepared(subject);
    const jsonl::MatchOptions options = options_for(subject, fetched);
    auto matched = co_await run_blocking(ports_.pool, [&] { return jsonl::match_results(paths, options); });
    if (!matched) co_return postponed(matched.error());
    report(subject, *matched);

    Outcome outcome;
    outcome.tally = {.succeeded = matched->succeeded,
                     .failed = matched->failed,
                     .input_tokens = matched->input_tokens,
                     .output_tokens = matched->output_tokens};
    outcome.again = matched->again;
    outcome.run = subject.batch.run + 1;
    if (subject.batch.batch_id.empty()) outcome.unused_file_id = subject.batch.input_file_id;  // withdrawn
    co_return commit(subject, outcome);
}

jsonl::MatchOptions Collector::options_for(const Subject& subject, const Fetched& fetched) const {
    const auto job = ports_.store.jobs.find(subject.job.id);  // a cancel may have come meanwhile
    const bool cancelled = job && *job && (*job)->cancel_asked_at;
    // Rows of a result file that is gone may have been charged: they are not sent again without being asked
    // for.
    const bool again =
        subject.batch.run < ports_.settings.retry.row_attempts && !fetched.one_is_gone && !cancelled;
    jsonl::MatchOptions options;
    options.attempts = again ? jsonl::Attempts::left : jsonl::Attempts::exhausted;
    if (!cancelled) return options;
    options.when_cancelled = jsonl::WhenCancelled::give_up;
    if (provider::parse_status(subject.batch.status) == provider::BatchStatus::cancelled)
        options.missing = {"batch_cancelled", "The job was cancelled before this request was answered."};
    return options;
}

Collector::Step Collector::fetch(const Subject& subject, ShardFile kind, std::string file_id,
                                 Fetched& fetched) {
    if (file_id.empty()) co_return std::nullopt;
    const Path path = file(subject, kind);
    const auto there = file_exists(path);
    if (!there) co_return postponed(there.error());
    if (!*there) {
        auto downloaded = co_await ports_.provider.download(file_id, path);
        if (!downloaded && downloaded.error().kind != provider::FailureKind::not_found)
            co_return postponed(downloaded.error(), "download of " + file_id);
        if (!downloaded) {
            fetched.one_is_gone = true;
            ports_.journal.note(EventKind::batch_gone, subject.job, subject.batch,
                                "result file " + file_id + ": " + provider::to_string(downloaded.error()));
            co_return std::nullopt;
        }
    }
    fetched.files.push_back(path);
    co_return std::nullopt;
}

void Collector::report(const Subject& subject, const jsonl::MatchReport& report) {
    if (report.repeated + report.unknown + report.unreadable > 0) {
        std::string detail = with_commas(report.unknown) + " unknown, " + with_commas(report.repeated) +
                             " repeated, " + with_commas(report.unreadable) + " unreadable";
        for (const std::string& id : report.unknown_ids) detail += "; unknown: " + id;
        for (const std::string& line : report.unreadable_lines) detail += "; " + line;
        ports_.journal.note(EventKind::rows_unexpected, subject.job, subject.batch, detail);
    }
    if (report.again > 0)
        ports_.journal.note(
            EventKind::rows_again, subject.job, subject.batch,
            with_commas(report.again) + " of " + with_commas(subject.batch.requests) +
                " requests go out again" +
                (report.missing > 0 ? ", " + with_commas(report.missing) + " had no line at all" : ""));
}

Collector::Step Collector::set_aside(const Subject& subject, Ending ending) {
    const jsonl::RefusedPaths paths{.prepared = file(subject, ShardFile::prepared),
                                    .failed = file(subject, ShardFile::failed),
                                    .again = next_prepared(subject)};
    auto split =
        co_await run_blocking(ports_.pool, [&] { return jsonl::split_refused(paths, ending.lines); });
    if (!split) co_return postponed(split.error());
    ports_.journal.note(EventKind::lines_refused, subject.job, subject.batch,
                        with_commas(split->failed) + " of " + with_commas(subject.batch.requests) +
                            " requests; the first: " + subject.batch.error);
    Outcome outcome;
    outcome.tally.failed = split->failed;
    outcome.again = split->again;
    outcome.run = subject.batch.run;  // nothing ran
    outcome.setbacks = subject.batch.setbacks + 1;
    outcome.unused_file_id = subject.batch.input_file_id;
    co_return commit(subject, outcome);
}

Collector::Step Collector::send_again(const Subject& subject, const Ending& ending) {
    const Path from = file(subject, ShardFile::prepared);
    const Path to = next_prepared(subject);
    auto copied = co_await run_blocking(ports_.pool, [&] { return copy_rows(from, to); });
    if (!copied) co_return postponed(copied.error());
    Outcome outcome;
    outcome.again = subject.batch.requests;
    outcome.run = subject.batch.run;  // nothing ran
    if (ending.kind == Ending::Kind::upload_again) {
        outcome.setbacks = subject.batch.setbacks + 1;
        outcome.unused_file_id = subject.batch.input_file_id;
        co_return commit(subject, outcome);
    }
    outcome.reuse_file_id = subject.batch.input_file_id;
    outcome.setbacks = subject.batch.setbacks;
    const Millis delay = holds_.hold(subject.batch.model, ports_.clock.uptime(), random_jitter());
    const bool paid = ending.kind == Ending::Kind::wait_turn;
    ports_.journal.note(
        paid ? EventKind::token_limit : EventKind::provider_closed, subject.job, subject.batch,
        subject.batch.error + "; again in " +
            std::to_string(std::chrono::ceil<std::chrono::seconds>(delay).count()) + " s at the latest");
    co_return commit(subject, outcome);
}

Collector::Step Collector::give_up(const Subject& subject, const Ending& ending) {
    std::map<std::uint64_t, jsonl::LineError> all;
    for (std::uint64_t line = 1; line <= subject.batch.requests; ++line) all.emplace(line, ending.error);
    const jsonl::RefusedPaths paths{.prepared = file(subject, ShardFile::prepared),
                                    .failed = file(subject, ShardFile::failed),
                                    .again = next_prepared(subject)};
    auto split = co_await run_blocking(ports_.pool, [&] { return jsonl::split_refused(paths, all); });
    if (!split) co_return postponed(split.error());
    Outcome outcome;
    outcome.tally.failed = split->failed;
    outcome.reason = ending.error.message;
    // Of a batch that is gone nobody knows whether it still runs.
    if (subject.batch.status != "gone") outcome.unused_file_id = subject.batch.input_file_id;
    co_return commit(subject, outcome);
}

Progress Collector::commit(const Subject& subject, const Outcome& outcome) {
    const auto& [batch, job] = subject;
    const auto& tally = outcome.tally;
    bool job_is_complete = false;
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto done = ports_.store.batches.record_collection(batch.id, tally, ports_.clock.now());
        if (done)
            done = ports_.store.jobs.add_progress(job.id, {.succeeded = tally.succeeded,
                                                           .failed = tally.failed,
                                                           .input_tokens = tally.input_tokens,
                                                           .output_tokens = tally.output_tokens});
        if (done && !outcome.reason.empty()) done = ports_.store.jobs.record_reason(job.id, outcome.reason);
        if (done) done = add_attempts(subject, outcome);
        if (done && !outcome.unused_file_id.empty())
            done = ports_.store.unused_files.add(outcome.unused_file_id, job.id, "its batch ran nothing",
                                                 ports_.clock.now());
        if (!done) return done;
        ports_.journal.note(EventKind::batch_collected, job, batch,
                            with_commas(tally.succeeded) + " answered, " + with_commas(tally.failed) +
                                " failed, " + with_commas(batch.requests - tally.succeeded - tally.failed) +
                                " again");
        const auto open = ports_.store.batches.count_open(job.id);
        if (!open) return open.error();
        job_is_complete = *open == 0;
        if (job_is_complete) return ports_.store.jobs.change_state(job.id, store::JobState::delivering);
        return {};
    });
    if (!recorded) return postponed(recorded.error());
    if (outcome.again > 0) ports_.wakes.submitter.raise();
    if (!outcome.unused_file_id.empty()) ports_.wakes.sweeper.raise();
    if (job_is_complete) ports_.wakes.deliverer.raise();
    if (job_is_complete) last_shard_.erase(job.id);
    ports_.wakes.progressed();
    return std::nullopt;
}

Result<void> Collector::add_attempts(const Subject& subject, const Outcome& outcome) {
    if (outcome.again > 0)
        if (auto added = add_attempt(subject, outcome, {subject.batch.shard, subject.batch.attempt + 1},
                                     outcome.again);
            !added)
            return added;
    for (const auto& shard : outcome.new_shards)
        if (auto added = add_attempt(subject, outcome, shard.attempt, shard.requests); !added) return added;
    return {};
}

Result<void> Collector::add_attempt(const Subject& subject, const Outcome& outcome,
                                    const spool::ShardAttempt& to, std::uint64_t requests) {
    const Path prepared = ports_.layout.shard_file(subject.job.key, to, ShardFile::prepared);
    std::error_code ec;
    const auto size_bytes = std::filesystem::file_size(prepared, ec);
    if (ec) return Error{ec, prepared.string()};
    store::Batch next = subject.batch;
    next.shard = to.shard;
    next.attempt = to.attempt;
    next.run = outcome.run;
    next.setbacks = outcome.setbacks;
    next.key = attempt_key(subject.job.key, to);
    next.input_file_id = outcome.reuse_file_id;
    next.requests = requests;
    next.size_bytes = size_bytes;
    next.estimated_tokens =
        subject.batch.estimated_tokens * size_bytes / std::max<std::uint64_t>(1, subject.batch.size_bytes);
    next.created_at = ports_.clock.now();
    return ports_.store.batches.add(next);
}

Path Collector::file(const Subject& subject, ShardFile kind) const {
    return ports_.layout.shard_file(subject.job.key, {subject.batch.shard, subject.batch.attempt}, kind);
}

Path Collector::next_prepared(const Subject& subject) const {
    return ports_.layout.shard_file(subject.job.key, {subject.batch.shard, subject.batch.attempt + 1},
                                    ShardFile::prepared);
}

}  // namespace batchd::engine
