#include "engine/intake.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/run_blocking.hpp"
#include "base/task_group.hpp"
#include "base/uuid.hpp"
#include "engine/work_directory.hpp"
#include "spool/inbox_name.hpp"
#include "spool/inbox_watcher.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using spool::Candidate;

namespace {

constexpr std::size_t kNamedMax = 10'000;  // more names than that at once: a scan finds them
constexpr std::size_t kSaidMax = 10'000;
// Files that are taken together share the waits for the disk; the first of them waits for the last.
constexpr std::size_t kGroupMax = 64;

}  // namespace

Intake::Intake(Ports& ports, Mode mode)
    : ports_(ports), mode_(mode), settling_(ports.settings.spool.settle_time) {}

asio::awaitable<void> Intake::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(watch());
    tasks.spawn(take_files());
    co_await tasks.join();
}

asio::awaitable<void> Intake::watch() {
    for (;;) {
        co_await watch_until_gone();
        // The scan says what is wrong with the inbox; here it is only a matter of watching again once it is
        // back.
        co_await ports_.clock.sleep_for(ports_.settings.spool.scan_interval);
    }
}

asio::awaitable<void> Intake::watch_until_gone() {
    auto watcher = spool::InboxWatcher::make(co_await asio::this_coro::executor, ports_.settings.spool.inbox);
    if (!watcher) {
        say_once("", "the inbox is not watched, only scanned: " + to_string(watcher.error()));
        co_return;
    }
    using Kind = spool::InboxEvent::Kind;
    next_scan_ = Millis{0};  // what came before the watch
    ports_.wakes.intake.raise();
    for (;;) {
        auto events = co_await watcher->next();
        if (!events) co_return;
        for (const spool::InboxEvent& event : *events) {
            settling_.notice(event);
            const bool whole = event.kind == Kind::moved_in || event.kind == Kind::closed;
            if (whole && named_.size() < kNamedMax)
                named_.insert(event.name);
            else if (event.kind != Kind::modified)
                next_scan_ = Millis{0};
            if (event.kind == Kind::gone_away) {
                ports_.wakes.intake.raise();
                co_return;
            }
        }
        if (!named_.empty() || next_scan_ == Millis{0}) ports_.wakes.intake.raise();
    }
}

asio::awaitable<void> Intake::take_files() {
    while (!drained_) {
        if (ports_.clock.uptime() >= next_scan_)
            co_await scan();
        else
            co_await take_named();
        // A scan at once is due where a file became another one while it was being taken.
        if (mode_ == Mode::once && !some_wait_ && named_.empty() && next_scan_ != Millis{0}) {
            drained_ = true;
            ports_.wakes.progressed();
            co_return;
        }
        co_await ports_.wakes.intake.wait_for(ports_.clock, until_next_look());
        if (settling_.next_look() && *settling_.next_look() <= ports_.clock.uptime()) next_scan_ = Millis{0};
    }
}

Millis Intake::until_next_look() const {
    Millis next = next_scan_;
    if (const auto settled = settling_.next_look()) next = std::min(next, *settled);
    return std::max(Millis{0}, next - ports_.clock.uptime());
}

asio::awaitable<void> Intake::scan() {
    next_scan_ = ports_.clock.uptime() + ports_.settings.spool.scan_interval;
    ports_.wakes.commander.raise();  // now and then, for the same reason: the kernel does not see everything
    auto opened = spool::InboxScan::open(ports_.settings.spool.inbox);
    if (!opened) {
        inbox_fails(opened.error());
        co_return;
    }
    named_.clear();
    some_wait_ = false;
    settling_.begin_scan();
    for (bool more = true; more;) {
        spool::InboxScan& directory = *opened;
        auto page = co_await run_blocking(ports_.pool, [&directory] { return directory.next(); });
        if (!page) {
            inbox_fails(page.error());
            co_return;
        }
        mention(*page);
        std::vector<Candidate> group;
        for (Candidate& candidate : page->candidates) {
            if (is_ready(candidate)) group.push_back(std::move(candidate));
            if (group.size() == kGroupMax) co_await claim(std::exchange(group, {}));
        }
        if (!group.empty()) co_await claim(std::move(group));
        more = page->more;
    }
    settling_.end_scan();
    inbox_works();
}

asio::awaitable<void> Intake::take_named() {
    while (!named_.empty()) {
        std::vector<Candidate> group;
        while (!named_.empty() && group.size() < kGroupMax) {
            auto candidate = spool::look_at(ports_.settings.spool.inbox, *named_.begin());
            named_.erase(named_.begin());
            if (candidate && *candidate && is_ready(**candidate)) group.push_back(std::move(**candidate));
        }
        if (!group.empty()) co_await claim(std::move(group));
    }
}

bool Intake::is_ready(const Candidate& candidate) {
    const bool ready = settling_.observe(candidate, ports_.clock.uptime()) == spool::Readiness::ready;
    if (!ready) some_wait_ = true;
    return ready;
}

asio::awaitable<void> Intake::claim(std::vector<Candidate> candidates) {
    const auto jobs = add_jobs(candidates);
    if (!jobs) {
        say_once(candidates.front().name, to_string(jobs.error()));
        co_return;
    }
    std::vector<spool::Claim> claims;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Candidate& candidate = candidates[i];
        claims.push_back(
            {candidate.name, candidate.id, candidate.stamp, ports_.layout.input((*jobs)[i].key)});
    }
    for (const store::Job& job : *jobs) moving_.insert(job.id);
    const Path& inbox = ports_.settings.spool.inbox;
    const auto results =
        co_await run_blocking(ports_.pool, [&] { return spool::claim_files(inbox, claims); });
    for (const store::Job& job : *jobs) moving_.erase(job.id);
    for (const Candidate& candidate : candidates) settling_.forget(candidate.name);
    conclude(*jobs, results);
    ports_.wakes.planner.raise();
    ports_.wakes.progressed();
}

Result<std::vector<store::Job>> Intake::add_jobs(const std::vector<Candidate>& candidates) {
    std::vector<store::Job> jobs;
    const auto added = ports_.store.database.transact([&]() -> Result<void> {
        for (const Candidate& candidate : candidates) {
            store::Job job;
            job.key = random_key();
            job.name = spool::job_name(candidate.name);
            job.size_bytes = candidate.stamp.size_bytes;
            job.created_at = ports_.clock.now();
            job.device = candidate.id.device;
            job.inode = candidate.id.inode;
            const auto id = ports_.store.jobs.add(job);
            if (!id) return id.error();
            job.id = *id;
            jobs.push_back(std::move(job));
        }
        return {};
    });
    if (!added) return added.error();
    return jobs;
}

void Intake::conclude(const std::vector<store::Job>& jobs,
                      const std::vector<Result<spool::Claimed>>& results) {
    const auto noted = ports_.store.database.transact([&]() -> Result<void> {
        for (std::size_t i = 0; i < jobs.size(); ++i)
            if (results[i])
                ports_.journal.note(EventKind::job_claimed, jobs[i],
                                    with_commas(results[i]->stamp.size_bytes) + " bytes");
        return {};
    });
    if (!noted) say_once("", "not recorded in events: " + to_string(noted.error()));
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (!results[i]) undo(jobs[i], results[i].error());
}

void Intake::undo(const store::Job& job, const Error& why) {
    const std::string name = spool::file_name(job.name);
    if (why.code == Errc::changed) next_scan_ = Millis{0};  // what is there now is for a new claim
    if (why.code != Errc::not_found && why.code != Errc::changed) say_once(name, to_string(why));
    // A failure behind the rename leaves the file with us, and then the job stays; so it does while nobody
    // can tell.
    const auto taken = file_exists(ports_.layout.input(job.key));
    if (!taken || *taken) return;
    // The row goes last: while it is there, somebody knows of the directory.
    auto undone = remove_work_directory(ports_.layout, job.key);
    if (undone) undone = ports_.store.jobs.forget(job.id);
    if (!undone) say_once(name, to_string(undone.error()));
}

asio::awaitable<void> Intake::finish_claims() {
    const auto claimed = ports_.store.jobs.in_state(store::JobState::claimed, 1'000'000);
    if (!claimed) co_return;  // the planner meets the same error, and says so
    std::vector<store::Job> jobs;
    for (std::size_t i = 0; i < claimed->size(); ++i) {
        auto found = ports_.store.jobs.find((*claimed)[i]);
        if (found && *found) jobs.push_back(std::move(**found));
        if (jobs.size() == kGroupMax || i + 1 == claimed->size())
            co_await finish_group(std::exchange(jobs, {}));
    }
}

asio::awaitable<void> Intake::finish_group(std::vector<store::Job> jobs) {
    std::vector<spool::Claim> claims;
    for (const store::Job& job : jobs)
        claims.push_back({spool::file_name(job.name),
                          {job.device, job.inode},
                          std::nullopt,
                          ports_.layout.input(job.key)});
    const Path& inbox = ports_.settings.spool.inbox;
    const auto results =
        co_await run_blocking(ports_.pool, [&] { return spool::claim_files(inbox, claims); });
    // Not there under either name: it was published as rejected, or never taken. The planner tells these
    // apart.
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (!results[i] && results[i].error().code != Errc::not_found &&
            results[i].error().code != Errc::changed)
            say_once(claims[i].name, to_string(results[i].error()));
}

void Intake::mention(const spool::InboxPage& page) {
    for (const spool::Stranger& stranger : page.strangers)
        say_once(stranger.name,
                 "is " + std::string(spool::to_string(stranger.kind)) + ": only regular files are taken");
    for (const std::string& name : page.other_names) say_once(name, "does not end in .jsonl");
}

void Intake::say_once(const std::string& name, const std::string& what) {
    if (said_.size() >= kSaidMax) said_.clear();
    const std::string text = name.empty() ? what : name + ": " + what;
    if (said_.insert(text).second) ports_.journal.note(EventKind::file_left_alone, text);
}

void Intake::inbox_works() {
    if (!inbox_is_gone_) return;
    inbox_is_gone_ = false;
    ports_.journal.note(EventKind::inbox_back, ports_.settings.spool.inbox.string());
}

void Intake::inbox_fails(const Error& error) {
    if (!inbox_is_gone_) ports_.journal.note(EventKind::inbox_gone, to_string(error));
    inbox_is_gone_ = true;
    // What was seen in it is no longer waited for: a file that is due would have us look again and again.
    settling_.notice({spool::InboxEvent::Kind::gone_away, ""});
}

}  // namespace batchd::engine
