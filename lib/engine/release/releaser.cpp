#include "engine/release/releaser.hpp"

#include <algorithm>
#include <limits>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_blocking.hpp"
#include "base/async/task_group.hpp"
#include "engine/budget/queue_budget.hpp"
#include "engine/plan/first_attempt.hpp"
#include "engine/plan/plan_file.hpp"
#include "engine/queue/queue_folders.hpp"
#include "engine/stage/row_backoff.hpp"
#include "engine/stage/sized_workers.hpp"
#include "engine/work_directory.hpp"
#include "spool/published.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

// A batch's worth of small files, at less than a kilobyte each.
constexpr std::size_t kFilesAtOnce = 50'000;
/// Small files that were taken before the moment, and are still being read, go along; so long is waited for
/// them, and so often looked.
constexpr Millis kCompanyMax = std::chrono::seconds(5);
constexpr Millis kCompanyLook = std::chrono::milliseconds(100);

WaitingFiles files_of(const store::WaitingQueue& queue) {
    return {queue.files, queue.requests, queue.oldest};
}

void add(WaitingFiles& files, const store::Job& job) {
    ++files.files;
    files.requests += job.requests - job.failed;
}

}  // namespace

asio::awaitable<void> Releaser::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(set_back_.run());
    tasks.spawn(release_each_in_time());
    co_await tasks.join();
}

asio::awaitable<void> Releaser::release_each_in_time() {
    for (;;) {
        set_back_.look();
        const auto next = co_await release_what_is_due();
        co_await ports_.wakes.releaser.wait_until(ports_.clock, next);
    }
}

asio::awaitable<std::optional<TimePoint>> Releaser::release_what_is_due() {
    const auto cancelled = ports_.store.waiting_jobs.cancelled();
    const auto counted = count_all();
    if (!cancelled || !counted) {
        complaint_.say(to_string(cancelled ? counted.error() : cancelled.error()));
        co_return try_again_at();
    }
    std::optional<TimePoint> next;
    // Nobody else would look again before the moment of its queue, which may be months away.
    const bool all_went = co_await let_cancelled_go(*cancelled);
    if (!all_went) next = try_again_at();
    for (const std::string& queue : ports_.waiting.queues()) {
        const auto waiting = count(queue);
        if (waiting && waiting->files == 0) continue;
        if (!waiting) complaint_.say(to_string(waiting.error()));
        const auto at = waiting ? co_await look_at(queue, *waiting) : try_again_at();
        if (at) next = std::min(next.value_or(*at), *at);
    }
    co_return next;
}

/// A job that was cancelled while it waits goes on, so that its batches are withdrawn and it ends. One that
/// fails holds up no other. False where one did.
asio::awaitable<bool> Releaser::let_cancelled_go(std::vector<store::JobId> ids) {
    bool all_went = true;
    for (const store::JobId id : ids) {
        const auto gone = co_await let_go_alone(id);
        if (gone) continue;
        all_went = false;
        complaint_of_cancelled_.say("a job that is cancelled: " + to_string(gone.error()));
    }
    if (all_went) complaint_of_cancelled_.clear();
    co_return all_went;
}

/// Of all queues once; from then on each is counted again only where something but one more file changed it.
Result<void> Releaser::count_all() {
    if (ports_.waiting.knows_all()) return {};
    const auto queues = ports_.store.waiting_jobs.by_queue();
    if (!queues) return queues.error();
    std::map<std::string, WaitingFiles> counted;
    for (const store::WaitingQueue& each : *queues) counted[each.queue] = files_of(each);
    ports_.waiting.learn_all(counted);
    return {};
}

Result<WaitingFiles> Releaser::count(const std::string& queue) {
    if (!ports_.waiting.knows(queue)) {
        const auto counted = ports_.store.waiting_jobs.of_queue(queue);
        if (!counted) return counted.error();
        ports_.waiting.learn(queue, files_of(*counted));
    }
    // The clock may have been set back since it was counted.
    ports_.waiting.set_right(queue, ports_.clock.now());
    return ports_.waiting.in(queue);
}

TimePoint Releaser::try_again_at() const {
    return ports_.clock.now() + row_backoff(ports_.settings.retry).max;
}

asio::awaitable<std::optional<TimePoint>> Releaser::look_at(std::string queue, WaitingFiles waiting) {
    const ReleaseRules rules = rules_of(queue);
    const Release release = when_released(rules, waiting, ports_.clock.now());
    const bool is_late = release.next && ports_.clock.now() >= *release.next + kCompanyMax;
    if (release.until && release.next && !is_late && is_company_coming(queue, *release.until))
        co_return ports_.clock.now() + kCompanyLook;
    if (release.until) {
        store::Release what{.queue = queue};
        const auto released = co_await this->release(std::move(what), *release.until, release.why);
        if (!released) {
            complaint_.say("releasing " + queue + ": " + to_string(released.error()));
            co_return try_again_at();
        }
        if (released->files > 0) co_return ports_.clock.now();  // more may be due at once
        // It is not what the tally says, as after a clock that was set. Counted again, but not at once: what
        // comes to the same a second time would go on for ever.
        ports_.waiting.forget(queue);
        co_return try_again_at();
    }
    complaint_.clear();
    if (auto noted = record_moment(queue, {release.next, rules.collect_requests}); !noted)
        complaint_.say(to_string(noted.error()));
    co_return release.next;
}

bool Releaser::is_company_coming(const std::string& queue, TimePoint until) {
    const auto is_coming = ports_.store.waiting_jobs.is_being_read(queue, until, kTinyFiles.up_to);
    return is_coming && *is_coming;  // for a database that fails nothing waits here: the release says so
}

/// A new file has the moment on record from the start: all of them are gone through only where it is another.
Result<void> Releaser::record_moment(const std::string& queue, const WaitingTally::Look& look) {
    if (!ports_.waiting.is_on_record(queue, look.moment))
        if (auto noted = ports_.store.waiting_jobs.record_not_before(queue, look.moment); !noted)
            return noted;
    ports_.waiting.looked_at(queue, look);
    return {};
}

/// A queue that the configuration no longer has waits for nothing.
ReleaseRules Releaser::rules_of(const std::string& queue) {
    const auto found = ports_.settings.queues.find(queue);
    if (mode_ == Intake::Mode::once || found == ports_.settings.queues.end()) return {};
    auto rules = ReleaseRules::of(found->second);
    if (rules) return std::move(*rules);
    // The configuration was checked: only a machine that lost its time zones comes here. What was meant for a
    // cheaper or a later hour is not sent now for that; `batchd release` sends it.
    complaint_.say("queue." + queue + ": " + to_string(rules.error()));
    return {.collect_requests = std::numeric_limits<std::uint64_t>::max()};
}

asio::awaitable<Result<WaitingFiles>> Releaser::release(store::Release what, TimePoint until,
                                                        std::string why) {
    const std::string& queue = what.queue;
    auto ids = ports_.store.waiting_jobs.taken_up_to(queue, until, ports_.clock.now());
    if (!ids) co_return ids.error();
    if (what.over_budget) {
        const auto due = ports_.store.waiting_jobs.due(queue);
        if (!due) co_return due.error();
        ids->insert(ids->begin(), due->begin(), due->end());
    }
    Result<WaitingFiles> gone = WaitingFiles{};
    // With a budget they only become due: the keeper lets them go as far as there is money.
    if (!what.over_budget && budget_of(ports_.settings, queue))
        gone = record_due(queue, *ids);
    else
        gone = co_await let_go_by_id(std::move(*ids));
    if (!gone) co_return gone.error();
    if (gone->files > 0 && !why.empty())
        ports_.journal.note_queue(EventKind::queue_released, queue,
                                  queue + ": " + count_of(gone->requests, "request", "requests") + " of " +
                                      count_of(gone->files, "file", "files") + ": " + why);
    ports_.wakes.budgets.raise();
    co_return *gone;
}

/// In one commit: one for each of tens of thousands would be as many syncs.
Result<WaitingFiles> Releaser::record_due(const std::string& queue, const std::vector<store::JobId>& ids) {
    WaitingFiles due;
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        for (const store::JobId id : ids) {
            const auto job = ports_.store.jobs.find(id);
            if (!job) return job.error();
            if (!*job) continue;
            add(due, **job);
            if (auto done = ports_.store.waiting_jobs.record_due(id); !done) return done;
        }
        return {};
    });
    if (!recorded) return recorded.error();
    ports_.waiting.forget(queue);
    return due;
}

asio::awaitable<Result<WaitingFiles>> Releaser::let_go_by_id(std::vector<store::JobId> ids) {
    WaitingFiles gone;
    std::vector<store::Job> jobs;
    for (const store::JobId id : ids) {
        auto job = ports_.store.jobs.find(id);
        if (!job) co_return job.error();
        if (!*job) continue;
        add(gone, **job);
        jobs.push_back(std::move(**job));
        if (jobs.size() < kFilesAtOnce) continue;
        if (auto went = co_await let_go(std::move(jobs)); !went) co_return went.error();
        jobs.clear();
    }
    if (auto went = co_await let_go(std::move(jobs)); !went) co_return went.error();
    co_return gone;
}

asio::awaitable<Result<void>> Releaser::let_go_alone(store::JobId id) {
    auto job = ports_.store.jobs.find(id);
    if (!job) co_return job.error();
    std::vector<store::Job> alone;
    if (*job) alone.push_back(std::move(**job));
    co_return co_await let_go(std::move(alone));
}

asio::awaitable<Result<void>> Releaser::let_go(std::vector<store::Job> jobs) {
    if (jobs.empty()) co_return Result<void>();  // nothing has changed, so nobody is to look again
    const TimePoint now = ports_.clock.now();
    const config::Spool folders = ports_.settings.spool;  // a reload may replace it while the pool is at it
    std::vector<ToSend> to_send;                          // of each job
    auto read = co_await run_blocking(ports_.pool, [&]() -> Result<void> {
        for (const store::Job& job : jobs) {
            auto of_job = read_what_to_send(job, folders, now);
            if (!of_job) return of_job.error();
            to_send.push_back(std::move(*of_job));
        }
        return {};
    });
    if (!read) co_return read.error();
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        for (std::size_t i = 0; i < jobs.size(); ++i)
            if (auto done = record(jobs[i], to_send[i], now); !done) return done;
        return {};
    });
    if (!recorded) co_return recorded.error();
    for (const store::Job& job : jobs) ports_.waiting.forget(job.queue);
    for (const store::Job& job : jobs) ports_.wakes.of(job.provider).submitter.raise();
    ports_.wakes.deliverer.raise();  // of what can't be sent
    ports_.wakes.progressed();
    co_return Result<void>();
}

Result<Releaser::ToSend> Releaser::read_what_to_send(const store::Job& job, const config::Spool& folders,
                                                     TimePoint now) const {
    const Path path = ports_.layout.plan(job.key);
    const auto plan = read_plan_file(path);
    const bool is_lost =
        !plan && (plan.error().code == Errc::not_found || plan.error().code == Errc::corrupt);
    if (is_lost) {
        // Somebody removed it, or wrote into it; or an old copy of the database was put back, and the job has
        // come to its end since. It holds up no other: it ends, and says so.
        const auto ended = spool::find_published(folders_of(folders, job.queue).outbox, job.name, job.key);
        if (!ended) return ended.error();
        if (*ended) return ToSend{.why_not = "it had ended before this copy of the state was put back"};
        return ToSend{
            .why_not = (plan.error().code == Errc::not_found ? missing_in_work(path) : plan.error().context) +
                       "; nothing of it is sent"};
    }
    if (!plan) return plan.error();
    ToSend all;
    for (const Shard& shard : plan->shards)
        all.batches.push_back(first_attempt(job, plan->terms, shard, now));
    return all;
}

Result<void> Releaser::record(const store::Job& job, const ToSend& what, TimePoint now) {
    const auto waits = ports_.store.jobs.find(job.id);
    if (!waits) return waits.error();
    if (!*waits || !(*waits)->waits) return {};  // it has gone while its plan was read
    if (!what.why_not.empty()) {
        auto ended = ports_.store.jobs.change_state(job.id, store::JobState::delivering);
        if (ended) ended = ports_.store.jobs.record_reason(job.id, what.why_not);
        return ended ? ports_.store.waiting_jobs.record_released(job.id, now) : ended;
    }
    for (const store::Batch& batch : what.batches)
        if (auto added = ports_.store.batches.add(batch); !added) return added;
    return ports_.store.waiting_jobs.record_released(job.id, now);
}

}  // namespace batchd::engine
