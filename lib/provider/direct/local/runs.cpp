#include "provider/direct/local/runs.hpp"

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "base/async/run_until.hpp"
#include "base/scope/pointing.hpp"
#include "base/units.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

namespace {

/// Each has three open files, and some requests in memory.
constexpr unsigned kRunsAtOnce = 128;
constexpr Millis kTroublePause = std::chrono::seconds(10);
constexpr Millis kLookEvery = std::chrono::seconds(2);

/// The parts of a large file share one turn, so that they hold up a small one no more than a single run
/// would.
Owner turn_of(const RunRecord& record) {
    const auto job = record.metadata.find("batchd_job");
    return {std::hash<std::string>()(job == record.metadata.end() ? record.key : job->second),
            record.priority};
}

}  // namespace

Runs::Runs(Options options, Parts parts)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      line_(with_pause(options_.limits), parts_.executor, parts_.clock, parts_.jitter),
      room_(parts_.executor, parts_.clock),
      places_(parts_.executor, kRunsAtOnce),
      loading_(parts_.executor, 1),
      standing_(options_.standing),
      tally_(parts_.executor),
      barred_(parts_.executor),
      begun_(parts_.executor) {}

LocalRun& Runs::add(RunRecord record) {
    auto run = std::make_unique<LocalRun>(parts_.executor);
    run->turn = turn_of(record);
    run->last.answered = record.answered;
    run->last.failed = record.failed;
    run->record = std::move(record);
    // Run and key are not moved from one expression into another: the argument is a copy of the key.
    return *runs_.insert_or_assign(run->record.key, std::move(run)).first->second;
}

asio::awaitable<void> Runs::run(std::function<void()> changed) {
    changed_ = std::move(changed);
    for (;;) {
        const auto loaded = co_await load();
        if (loaded) break;
        co_await parts_.clock.sleep_for(kTroublePause);
    }
    co_await run_all();
}

asio::awaitable<void> Runs::run_all() {
    TaskGroup group(parts_.executor);
    const Pointing at_work(at_work_, group);
    // The oldest goes on first, as it would have without the restart.
    const auto all = newest_first();
    for (auto run = all.rbegin(); run != all.rend(); ++run)
        // By reference to the run itself, which stays in its place until forget(), and that comes after its
        // end.
        if (!(*run)->record.ended_at) group.spawn(perform(*runs_.at((*run)->record.key)));
    // What was begun goes on before anybody asks for it: a run lives on this disk, and nobody else can move
    // it on.
    group.spawn(look_for_unreadable());
    group.spawn(watch());
    group.spawn(let_go_in_time());
    co_await group.join();
}

LocalRun* Runs::find(const std::string& key) {
    const auto found = runs_.find(key);
    return found == runs_.end() ? nullptr : found->second.get();
}

std::vector<const LocalRun*> Runs::newest_first() const {
    std::vector<const LocalRun*> all;
    for (const auto& [key, run] : runs_) all.push_back(run.get());
    std::stable_sort(all.begin(), all.end(), [](const LocalRun* a, const LocalRun* b) {
        return a->record.created_at > b->record.created_at;
    });
    return all;
}

asio::awaitable<Result<void>> Runs::write(RunRecord record) {
    auto write = [this, &record] { return parts_.store.write(record); };
    co_return co_await run_blocking(parts_.pool, write);
}

asio::awaitable<Result<void>> Runs::begin(RunRecord record) {
    // Durable before it is told: the engine records what it is answered as a batch that there is.
    const auto saved =
        co_await run_blocking(parts_.pool, [this, &record] { return parts_.store.write(record); });
    if (!saved) co_return saved;
    LocalRun& run = add(std::move(record));
    if (at_work_ != nullptr) at_work_->spawn(perform(run));
    begun_.raise();
    co_return saved;
}

asio::awaitable<void> Runs::perform(LocalRun& run) {
    // A disk that is full for an hour ends no run: it is tried again, and the status says what it waits
    // for.
    while (!run.record.ended_at) {
        co_await until_allowed(run);
        // After the wait for a key: who may not send must not take the place of one who may.
        const auto place = co_await places_.enter(run.record.priority);
        const auto gone = co_await go_on(run);
        run.trouble = gone ? "" : to_string(gone.error());
        if (!gone) co_await parts_.clock.sleep_for(kTroublePause);
    }
    ended_.raise_all();
    forget_closure_of_nothing();
    changed_();
}

asio::awaitable<void> Runs::until_allowed(const LocalRun& run) {
    while (!may_begin(run)) {
        Wake wake(parts_.executor);
        const WakeLine::Place place(go_, wake);
        co_await wake.wait();
    }
}

asio::awaitable<Result<void>> Runs::go_on(LocalRun& run) {
    OpenedJournal opened;
    std::optional<PreparedRows> rows;
    const bool needs_requests = !run.record.is_cancelled;
    const bool looks_for_them = !run.has_no_requests;
    auto open = [&]() -> Result<void> {
        // The journal is read anew for each try, so that what is believed to be settled is what is on disk.
        auto journal = open_journal(parts_.store.journal(run.record.key));
        if (!journal) return journal.error();
        opened = std::move(*journal);
        if (!looks_for_them) return {};
        auto reader = jsonl::RowFileReader::open(parts_.store.requests(run.record.key));
        if (reader) rows.emplace(std::move(*reader), parts_.pool);
        return reader || !needs_requests ? Result<void>() : reader.error();
    };
    const auto is_open = co_await run_blocking(parts_.pool, open);
    if (!is_open) co_return is_open;
    if (!rows) co_return co_await end_by_journal(run, opened.replay);
    const auto counted = co_await count_repeated(run, opened.replay);
    if (!counted) co_return counted;
    // A key may have been refused while this run waited for its place. One that is cancelled sends nothing,
    // and need not wait for a key.
    if (!may_begin(run)) co_return Result<void>();
    co_return co_await send(run, std::move(opened), *rows);
}

asio::awaitable<Result<void>> Runs::end_by_journal(LocalRun& run, const Replay& replay) {
    run.has_no_requests = true;
    const auto is_answered = [](const Settled& row) { return row.is_answered; };
    const auto answered = std::count_if(replay.settled.begin(), replay.settled.end(), is_answered);
    run.last.answered = static_cast<std::uint64_t>(answered);
    run.last.failed = replay.settled.size() - run.last.answered;
    co_return co_await finish(run);
}

/// Before any of them is sent again; one that is cancelled sends none.
asio::awaitable<Result<void>> Runs::count_repeated(LocalRun& run, const Replay& replay) {
    if (replay.in_flight.empty() || run.record.is_cancelled) co_return Result<void>();
    // Nobody knows whether the server answered what was in flight at a crash. It is sent again, and that it
    // may have been paid twice is on record before.
    const auto turn = co_await run.saving.enter();
    run.record.possibly_repeated += replay.in_flight.size();
    const auto saved = co_await write(run.record);
    if (!saved) run.record.possibly_repeated -= replay.in_flight.size();
    co_return saved;
}

Runner::Options Runs::options_for(const LocalRun& run) const {
    Runner::Options options;
    options.head.base_path = options_.base_path;
    options.head.query = options_.query;
    options.head.tag = run.record.key;
    options.head.auth = parts_.wire.request(http::Method::post, "", parts_.key.value()).headers;
    // The head is made once a run and sent with each request; what it accepts depends on the request.
    std::erase_if(options.head.auth, [](const http::Header& header) { return header.name == "Accept"; });
    options.job = run.turn;
    options.timeout = options_.timeout;
    options.retry = options_.retry;
    // What the job was taken under, and not what is configured by now.
    options.retry.attempts = run.record.row_attempts;
    options.retries_max = retries_max();
    options.is_cancelled = run.record.is_cancelled;
    options.secret = parts_.key.value();
    return options;
}

asio::awaitable<Result<void>> Runs::send(LocalRun& run, OpenedJournal opened, PreparedRows& rows) {
    Journal journal(std::move(opened), parts_.executor, parts_.pool, parts_.clock);
    // They are counted, and are not to be counted again by the next life.
    for (const std::uint64_t row : journal.replay().in_flight)
        journal.ended(row, journal.replay().attempts_used(row));
    // Told with each outcome: a key that is refused after it was replaced says nothing about the new one.
    const std::string key = parts_.key.value();
    const auto tell = [this, &key](const Verdict& verdict) { heard(key, verdict); };
    Runner runner(options_for(run),
                  {rows, journal, line_, parts_.client, room_, parts_.clock, parts_.jitter, tell, &tally_},
                  parts_.executor);
    RunEnd end;
    {
        const Pointing at_work(run.runner, runner);
        // Beside this coroutine and not within it: while it puts its answers on disk it can't be cancelled,
        // and what follows here must be, whatever came meanwhile.
        Wake never(parts_.executor);
        const auto running = [&]() -> asio::awaitable<void> { end = co_await runner.run(); };
        co_await run_until(never, running());
    }
    left_.raise_all();
    run.last = runner.progress();
    if (end.how == RunEnd::How::broken && !run.record.is_cancelled) co_return *end.error;
    // Nobody waits for requests that are not sent. What was answered is in the journal, which is read anew.
    if (end.how == RunEnd::How::broken) run.has_no_requests = true;
    if (end.how != RunEnd::How::done) co_return Result<void>();
    co_return co_await finish(run);
}

asio::awaitable<Result<void>> Runs::finish(LocalRun& run) {
    // Who reads an end believes that nothing is missing.
    const std::uint64_t lines = run.last.answered + run.last.failed;
    if (lines != run.record.total && !run.has_no_requests)
        co_return error(Errc::corrupt, parts_.store.requests(run.record.key).string() + " has " +
                                           count_of(run.record.total, "request", "requests") +
                                           ", and its results have " + std::to_string(lines));
    const auto turn = co_await run.saving.enter();
    // On a copy, so that an end that is not on disk is not shown either.
    RunRecord ended = run.record;
    ended.answered = run.last.answered;
    ended.failed = run.last.failed;
    ended.ended_at = parts_.clock.now();
    const auto saved = co_await write(ended);
    if (saved) run.record = std::move(ended);
    co_return saved;
}

bool Runs::any_left() const {
    return std::any_of(runs_.begin(), runs_.end(),
                       [](const auto& named) { return !named.second->record.ended_at; });
}

std::uint64_t Runs::count_settled() const {
    std::uint64_t count = 0;
    for (const auto& [key, run] : runs_) {
        const RunProgress progress = run->progress();
        count += progress.answered + progress.failed;
    }
    return count;
}

asio::awaitable<void> Runs::watch() {
    std::uint64_t settled = count_settled();
    for (;;) {
        // A rate of the last two seconds: an average since the start would hide that the server has
        // stopped.
        per_second_ = 0;
        while (!any_left()) {
            parts_.client.close_idle(Millis(0));
            co_await begun_.wait();
        }
        // By the clock and not with each answer: at hundreds of answers a second nobody could read what is
        // shown.
        co_await parts_.clock.sleep_for(kLookEvery);
        // No request is sent over one that lay idle for longer, and many servers count them.
        parts_.client.close_idle(kLookEvery);
        const std::uint64_t now = count_settled();
        per_second_ = 1000.0 * static_cast<double>(now - std::min(now, settled)) /
                      static_cast<double>(kLookEvery.count());
        settled = now;
        changed_();
    }
}

}  // namespace batchd::provider::direct
