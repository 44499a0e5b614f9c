#include "engine/plan/planner.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/errc.hpp>

#include "base/async/run_blocking.hpp"
#include "base/async/task_group.hpp"
#include "engine/budget/job_estimate.hpp"
#include "engine/budget/queue_budget.hpp"
#include "engine/deliver/delivery.hpp"
#include "engine/deliver/destination.hpp"
#include "engine/intake/arrival.hpp"
#include "engine/intake/late_input.hpp"
#include "engine/plan/first_attempt.hpp"
#include "engine/queue/queue_folders.hpp"
#include "engine/queue/queue_waits.hpp"
#include "engine/stage/row_backoff.hpp"
#include "engine/work_directory.hpp"
#include "jsonl/rows/row_file.hpp"
#include "spool/claim.hpp"
#include "spool/folder_builder.hpp"
#include "spool/published.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

// One file of gigabytes is read at a time: two would take the processors from all others. Of the rest two, so
// that one syncs while the other reads. A cancel reads nothing, and waits for no file that is being read.
constexpr SizeLane kLanes[]{kTinyFiles,
                            {.above = kTinyFiles.up_to, .up_to = 64 * 1024 * 1024, .slots = 2, .spare = 1},
                            {.above = 64 * 1024 * 1024, .up_to = kAnySize, .slots = 1, .spare = 1}};

/// How often an inbox that is not there is looked for.
constexpr Millis kAwayLook = std::chrono::seconds(30);

constexpr std::size_t kReasonBytesMax = 1024 * 1024;

/// Builds rejected/NAME; answers the name that it got. Blocking. The reason is written beside the input
/// first: once the input is on its way into the folder, it can't be found out again.
Result<std::string> publish_rejection(const spool::Layout& layout, const Path& rejected,
                                      const store::Job& job, const std::string& text,
                                      const std::set<std::string>& reserved) {
    if (auto written = replace_file(layout.reason(job.key), text); !written) return written.error();
    // An earlier run may have shown the folder, and its owner have taken it away before that was on record:
    // what was wrong is said once more, without the file.
    const auto gone = is_input_gone(layout, rejected, job);
    if (!gone) return gone.error();
    auto folder = spool::FolderBuilder::create(rejected, job.name, job.key);
    if (!folder) return folder.error();
    if (auto written = replace_file(folder->path() / "reason.txt", text, Durable::later); !written)
        return folder->named(written.error());
    if (*gone) return folder->publish(reserved);
    // What an earlier run has moved already is where its note says, and `rejected` is that.
    if (auto noted = note_destination(layout, job.key, rejected); !noted) return noted.error();
    if (auto taken = folder->take_input(layout.input(job.key)); !taken) return taken.error();
    return folder->publish(reserved);
}

}  // namespace

Planner::Planner(const Ports& ports, std::function<bool(store::JobId)> is_moving, Intake::Mode mode)
    : ports_(ports),
      is_moving_(std::move(is_moving)),
      mode_(mode),
      commits_(ports.store.database, ports.wakes.executor()),
      workers_(ports.clock, ports.wakes.planner, row_backoff(ports.settings.retry), kLanes,
               {.find = [this](const SizeLane& lane, std::size_t count_max) { return find(lane, count_max); },
                .work = [this](std::int64_t id) { return plan(id); },
                .say = [this](std::int64_t id,
                              const std::string& why) { ports_.journal.waiting(store::JobId{id}, why); }}) {}

asio::awaitable<void> Planner::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(stop_at_the_end());
    tasks.spawn(workers_.run());
    co_await tasks.join();
}

/// A thread of the pool does not see that its coroutine was cancelled.
asio::awaitable<void> Planner::stop_at_the_end() {
    struct AtTheEnd {
        std::map<std::int64_t, std::stop_source>& reading;
        ~AtTheEnd() {
            for (auto& [id, stop] : reading) stop.request_stop();
        }
    };
    const AtTheEnd at_the_end{reading_};
    Wake never(co_await asio::this_coro::executor);
    co_await never.wait();
}

void Planner::take_up_cancel(const store::Job& job) {
    if (const auto reading = reading_.find(job.id.value); reading != reading_.end())
        reading->second.request_stop();
    workers_.take_up(job.id, job.size_bytes);
}

Result<std::vector<store::JobId>> Planner::find(const SizeLane& lane, std::size_t count_max) {
    auto jobs = ports_.store.jobs.of_size(store::JobState::claimed, lane.above, lane.up_to, count_max + 1);
    // One whose file is on its way comes again: the intake wakes us when it is there.
    if (jobs) std::erase_if(*jobs, is_moving_);
    return jobs;
}

Planner::Step Planner::plan(std::int64_t id) {
    const auto found = ports_.store.jobs.find(store::JobId{id});
    if (!found) co_return postponed(found.error());
    if (!*found || (*found)->state != store::JobState::claimed) co_return std::nullopt;
    const store::Job& job = **found;
    // A cancel takes it up whatever it waits for; to remove its folder now would pull it from under the file
    // that is on its way there. The intake wakes us once it has come.
    if (is_moving_(job.id)) co_return std::nullopt;
    // The row was committed before the file was moved, and a rejection moves the file away before its
    // commit: the disk says where a crash came, and only it can.
    const auto there = file_exists(ports_.layout.input(job.key));
    if (!there) co_return postponed(there.error());
    if (!*there) co_return co_await input_is_gone(job);
    // Before the file is read: a cancel of a file of gigabytes should not have to wait for them.
    if (job.cancel_asked_at) co_return co_await give_back(job);

    const auto terms = terms_of(job, ports_.settings);
    if (!terms) co_return postponed(terms.error());
    auto plan = co_await read(job, *terms);
    // A stop of the daemon breaks the reading off with the same code; what tells them apart is what is on
    // record.
    if (!plan && plan.error().code == boost::system::errc::operation_canceled && was_cancelled(job.id))
        co_return co_await give_back(job);
    if (!plan) co_return postponed(plan.error());
    if (!is_rejected(*plan, terms->on_invalid_line)) co_return co_await accept(job, std::move(*plan));
    // Its writer may be at it still: then it is read again.
    const Path inbox = folders_of(ports_.settings.spool, job.queue).inbox;
    const auto still = is_still(ports_.layout, inbox, job, plan->totals.stamp);
    if (!still) co_return postponed(still.error());
    if (!*still) co_return postponed(error(Errc::changed, job.name + " is being written to"));
    if (auto wait = wait_for_writer(job, inbox)) co_return wait;
    std::string text = rejection_text(*plan, job.key);
    std::string summary = rejection_summary(*plan);
    co_return co_await reject(job, std::move(text), std::move(summary));
}

Progress Planner::wait_for_writer(const store::Job& job, const Path& inbox) {
    const auto open = original_is_open(inbox, job);
    if (!open) return postponed(open.error());
    if (!*open || !writers_.are_waited_for(job.id)) return std::nullopt;
    return postponed(error(Errc::changed, job.name + " is open for writing"));
}

bool Planner::was_cancelled(store::JobId id) const {
    const auto job = ports_.store.jobs.find(id);
    return job && *job && (*job)->cancel_asked_at;
}

asio::awaitable<Result<Plan>> Planner::read(const store::Job& job, const Terms& terms) {
    const ScanAid aid{.pool = &ports_.pool, .stop = reading_[job.id.value].get_token()};
    // Settings may be replaced by a reload while the pool works.
    const Path inbox = folders_of(ports_.settings.spool, job.queue).inbox;
    auto plan = co_await run_blocking(ports_.pool, [&]() -> Result<Plan> {
        if (auto newest = take_newest(ports_.layout, inbox, job); !newest) return newest.error();
        return plan_job(ports_.layout, job.key, terms, aid);
    });
    reading_.erase(job.id.value);
    co_return plan;
}

/// A job that was cancelled before its file was read: the file goes to the outbox as it came, for nobody
/// knows its requests.
Planner::Step Planner::give_back(const store::Job& job) {
    // Error lines of bad ones would be more than the job's requests, of which it has none.
    const Path invalid = ports_.layout.invalid(job.key);
    auto removed = co_await run_blocking(ports_.pool, [&] { return jsonl::remove_row_file(invalid); });
    if (!removed) co_return postponed(removed.error());
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto done = ports_.store.jobs.change_state(job.id, store::JobState::delivering);
        if (done)
            done = ports_.store.jobs.record_reason(
                job.id, "cancelled before its file was read to its end: nothing of it was sent");
        return done;
    });
    if (!recorded) co_return postponed(recorded.error());
    ports_.wakes.deliverer.raise();
    co_return std::nullopt;
}

Planner::Step Planner::accept(const store::Job& job, Plan plan) {
    WaitsFor waits_for = WaitsFor::nothing;
    const auto recorded = co_await commits_.transact([&]() -> Result<void> {
        // Not before: a release that came while the file was read counts up to this moment.
        const auto wait = wait_of(job, plan);
        if (!wait) return wait.error();
        waits_for = *wait;
        return record_plan(job, plan, waits_for);
    });
    if (!recorded) co_return postponed(recorded.error());
    writers_.forget(job.id);
    (plan.shards.empty() ? ports_.wakes.deliverer : ports_.wakes.of(job.provider).submitter).raise();
    if (waits_for == WaitsFor::money) ports_.wakes.budgets.raise();
    const bool collects = waits_for == WaitsFor::company;
    if (waits_for != WaitsFor::nothing) tell_releaser(job, collects ? plan.totals.requests : 0);
    co_return std::nullopt;
}

/// For company or a time the releaser waits; what waits for money alone is due at once, and the budget
/// decides.
Result<Planner::WaitsFor> Planner::wait_of(const store::Job& job, const Plan& plan) const {
    if (plan.shards.empty()) return WaitsFor::nothing;
    const auto release = ports_.store.waiting_jobs.release_asked(job.id);
    if (!release) return release.error();
    if (!*release && waits_in_its_queue(job)) return WaitsFor::company;
    const bool is_over_budget = *release && (*release)->over_budget;
    return !is_over_budget && budget_of(ports_.settings, job.queue) ? WaitsFor::money : WaitsFor::nothing;
}

/// In one commit, the job and all its batches: a job with some of them would be delivered without the others.
Result<void> Planner::record_plan(const store::Job& job, const Plan& plan, WaitsFor waits_for) {
    const ScanTotals& totals = plan.totals;
    const bool waits = waits_for != WaitsFor::nothing;
    auto done = ports_.store.jobs.change_state(job.id, store::JobState::planned);
    if (done)
        done = ports_.store.jobs.record_plan(job.id, totals.requests + totals.bad_lines, totals.bad_lines,
                                             totals.size_bytes, totals.sha256, spool::to_text(totals.stamp));
    if (done) done = ports_.store.budgets.record_asks(job.id, to_json(asked_of(plan.shards)));
    if (done && waits)
        done = ports_.store.waiting_jobs.record_waiting(job.id, ports_.waiting.moment_of(job.queue));
    if (done && waits_for == WaitsFor::money) done = ports_.store.waiting_jobs.record_due(job.id);
    if (done && !waits) done = ports_.store.waiting_jobs.record_released(job.id, ports_.clock.now());
    for (const Shard& shard : plan.shards) {
        if (!done || waits) break;
        done = ports_.store.batches.add(first_attempt(job, plan.terms, shard, ports_.clock.now()));
    }
    // Where all lines are bad and set aside, there is nothing to send and something to deliver.
    if (done && plan.shards.empty())
        done = ports_.store.jobs.change_state(job.id, store::JobState::delivering);
    if (!done) return done;
    std::string detail = count_of(totals.requests, "request", "requests") + " in " +
                         count_of(plan.shards.size(), "batch", "batches");
    if (totals.bad_lines > 0)
        detail += ", " + count_of(totals.bad_lines, "bad line", "bad lines") + " set aside";
    ports_.journal.note(EventKind::job_planned, job, detail);
    return {};
}

/// Where it has to look: for one more file that waits for the same moment as thousands before it, it need
/// not.
void Planner::tell_releaser(const store::Job& job, std::uint64_t collected) {
    const bool is_news = collected > 0 && ports_.waiting.add(job.queue, collected, job.created_at);
    // A cancel that came while the file was read has found nothing that waits.
    if (is_news || was_cancelled(job.id)) ports_.wakes.releaser.raise();
}

/// For company or its time: a single run waits for nobody, and nor does a retry, which a person asked for
/// now.
bool Planner::waits_in_its_queue(const store::Job& job) const {
    if (mode_ == Intake::Mode::once || job.retry_of) return false;
    return waits_for_company(ports_.settings, job.queue);
}

Planner::Step Planner::reject(const store::Job& job, std::string text, std::string summary) {
    const auto rejected = rejected_of(job);
    if (!rejected) co_return postponed(rejected.error());
    const std::set<std::string> reserved = reserved_names(ports_.settings, job.queue);
    auto folder = co_await run_blocking(
        ports_.pool, [&] { return publish_rejection(ports_.layout, *rejected, job, text, reserved); });
    if (!folder) co_return postponed(folder.error());
    Path published = *rejected / *folder;
    co_return co_await record_rejection(job, std::move(published), summary);
}

Result<Path> Planner::rejected_of(const store::Job& job) const {
    return destination_of(ports_.layout, job.key, folders_of(ports_.settings.spool, job.queue).rejected);
}

Planner::Step Planner::record_rejection(const store::Job& job, Path folder, std::string summary) {
    const Path inbox = folders_of(ports_.settings.spool, job.queue).inbox;
    auto removed = co_await run_blocking(
        ports_.pool, [&] { return let_go_of_rejected(inbox, job, folder / "input.jsonl"); });
    if (!removed) co_return postponed(removed.error());
    writers_.forget(job.id);
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        auto done = ports_.store.jobs.record_reason(job.id, summary);
        if (done)
            done = ports_.store.jobs.finish(job.id, store::JobState::rejected, folder, ports_.clock.now());
        if (done) ports_.journal.note(EventKind::job_rejected, job, summary);
        return done;
    });
    if (!recorded) co_return postponed(recorded.error());
    ports_.wakes.of(job.provider).cleaner.raise();
    ports_.wakes.progressed();
    co_return std::nullopt;
}

Planner::Step Planner::input_is_gone(const store::Job& job) {
    // A crash came while it was put into rejected/, or before that was recorded …
    const auto rejected = rejected_of(job);
    if (!rejected) co_return postponed(rejected.error());
    const auto reason = read_file(ports_.layout.reason(job.key), kReasonBytesMax);
    if (!reason && reason.error().code != boost::system::errc::no_such_file_or_directory)
        co_return postponed(reason.error());
    if (reason) {
        std::string summary = reason->substr(0, reason->find('\n'));
        auto folder = co_await run_blocking(
            ports_.pool, [&] { return spool::find_published(*rejected, job.name, job.key); });
        if (!folder) co_return postponed(folder.error());
        if (*folder) {
            Path published = *rejected / **folder;
            co_return co_await record_rejection(job, std::move(published), summary);
        }
        std::string text = *reason;
        co_return co_await reject(job, std::move(text), std::move(summary));
    }
    // … or before it was here.
    co_return co_await finish_claim(job);
}

Planner::Step Planner::finish_claim(const store::Job& job) {
    const Path inbox = folders_of(ports_.settings.spool, job.queue).inbox;
    const auto arrival =
        co_await run_blocking(ports_.pool, [&] { return finish_arrival(ports_.layout, inbox, job); });
    if (!arrival) co_return postponed(arrival.error());
    if (*arrival == Arrival::here) co_return co_await plan(job.id.value);
    if (*arrival == Arrival::away && was_cancelled(job.id)) co_return co_await give_back(job);
    if (*arrival == Arrival::away)
        co_return Postponed{.why = "its original is set aside in " + inbox.string() + ", which is not there",
                            .until = Postponed::Until::delay,
                            .delay = kAwayLook};
    // It never came: the file in the inbox was another one by then, and is a job of its own.
    auto removed =
        co_await run_blocking(ports_.pool, [&] { return remove_work_directory(ports_.layout, job.key); });
    if (!removed) co_return postponed(removed.error());
    ports_.journal.note(EventKind::claim_undone, job, "the file was no longer in the inbox");
    if (auto forgotten = ports_.store.jobs.forget(job.id); !forgotten) co_return postponed(forgotten.error());
    ports_.wakes.progressed();
    co_return std::nullopt;
}

}  // namespace batchd::engine
