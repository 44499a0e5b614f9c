#include "engine/intake.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/run_blocking.hpp"
#include "base/task_group.hpp"
#include "base/uuid.hpp"
#include "engine/work_directory.hpp"
#include "spool/claim.hpp"
#include "spool/inbox_name.hpp"
#include "spool/inbox_watcher.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using spool::Candidate;

namespace {

constexpr std::size_t kNamedMax = 10'000;  // more names than that at once: a scan finds them
constexpr std::size_t kSaidMax = 10'000;

std::string file_name(const store::Job& job) {
    return job.name + ".jsonl";
}

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
        for (const Candidate& candidate : page->candidates) co_await take_if_ready(candidate);
        more = page->more;
    }
    settling_.end_scan();
    inbox_works();
}

asio::awaitable<void> Intake::take_named() {
    while (!named_.empty()) {
        const std::string name = *named_.begin();
        named_.erase(named_.begin());
        const auto candidate = spool::look_at(ports_.settings.spool.inbox, name);
        if (candidate && *candidate) co_await take_if_ready(**candidate);
    }
}

asio::awaitable<void> Intake::take_if_ready(const Candidate& candidate) {
    if (settling_.observe(candidate, ports_.clock.uptime()) == spool::Readiness::ready)
        co_await claim(candidate);
    else
        some_wait_ = true;
}

asio::awaitable<void> Intake::claim(Candidate candidate) {
    store::Job job;
    job.key = random_key();
    job.name = spool::job_name(candidate.name);
    job.size_bytes = candidate.stamp.size_bytes;
    job.created_at = ports_.clock.now();
    job.device = candidate.id.device;
    job.inode = candidate.id.inode;
    const auto id = ports_.store.jobs.add(job);
    if (!id) {
        say_once(candidate.name, to_string(id.error()));
        co_return;
    }
    job.id = *id;
    moving_.insert(job.id);
    const Path& inbox = ports_.settings.spool.inbox;
    const Path destination = ports_.layout.input(job.key);
    auto claimed =
        co_await run_blocking(ports_.pool, [&] { return spool::claim_file(inbox, candidate, destination); });
    moving_.erase(job.id);
    settling_.forget(candidate.name);
    if (!claimed) {
        undo(job, claimed.error());
        ports_.wakes.planner.raise();
        co_return;
    }
    ports_.journal.note(EventKind::job_claimed, job, with_commas(claimed->stamp.size_bytes) + " bytes");
    ports_.wakes.planner.raise();
    ports_.wakes.progressed();
}

void Intake::undo(const store::Job& job, const Error& why) {
    const std::string name = file_name(job);
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
    for (const store::JobId id : *claimed) {
        const auto found = ports_.store.jobs.find(id);
        if (!found || !*found) continue;
        const store::Job& job = **found;
        const Path& inbox = ports_.settings.spool.inbox;
        const Path destination = ports_.layout.input(job.key);
        const std::string name = file_name(job);
        const spool::FileId file{job.device, job.inode};
        auto resumed = co_await run_blocking(
            ports_.pool, [&] { return spool::resume_claim(inbox, name, file, destination); });
        // Not there under either name: it was published as rejected, or never taken. The planner tells these
        // apart.
        if (!resumed && resumed.error().code != Errc::not_found && resumed.error().code != Errc::changed)
            say_once(name, to_string(resumed.error()));
    }
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
