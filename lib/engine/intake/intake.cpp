#include "engine/intake/intake.hpp"

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "engine/queue/queue_folders.hpp"
#include "spool/drop/hidden_drop.hpp"
#include "spool/layout.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using spool::Candidate;
using spool::LeftReason;
using spool::Readiness;

namespace {

constexpr std::size_t kNamedMax = 10'000;  // more names than that at once: a scan finds them
constexpr std::size_t kSaidMax = 10'000;
// A writer may take that long before anybody is told of it.
constexpr Millis kLongOpen = std::chrono::minutes(1);

struct BegunScan {
    spool::InboxPage page;
    std::optional<spool::InboxScan> directory{};  // where there is more
};

/// Opened and read in one go, so that of a thousand folders that are due at the same moment few are open.
Result<BegunScan> begin_scan(const Path& inbox, const std::set<std::string>& known) {
    auto directory = spool::InboxScan::open(inbox, known);
    if (!directory) return directory.error();
    auto page = directory->next();
    if (!page) return page.error();
    BegunScan begun{std::move(*page)};
    if (begun.page.more) begun.directory.emplace(std::move(*directory));
    return begun;
}

}  // namespace

Intake::Intake(const Ports& ports, Mode mode, Wake& due, std::string queue)
    : ports_(ports),
      mode_(mode),
      queue_(std::move(queue)),
      inbox_(folders_of(ports.settings.spool, queue_).inbox),
      due_(due),
      wake_(ports.wakes.executor()),
      settling_(ports.settings.spool.settle_time, ports.settings.spool.empty_wait),
      picture_(ports.store, ports.clock, ports.journal, ports.wakes.observer, queue_) {}

Result<void> Intake::own_inbox() {
    // The lock of the inbox covers the folders in it.
    if (queue_ != config::kDefaultQueue || (lock_ && lock_->is_on(inbox_))) return {};
    lock_.reset();
    auto locked = spool::InboxLock::acquire(inbox_);
    if (!locked) return locked.error();
    lock_.emplace(std::move(*locked));
    return {};
}

Result<void> Intake::watch() {
    if (watcher_ && !watch_is_lost_) return {};
    watcher_.reset();
    auto watcher = ports_.watches.watch(inbox_, [this](const spool::InboxEvent& event) { hear(event); });
    if (!watcher) return watcher.error();
    watcher_.emplace(std::move(*watcher));
    watch_is_lost_ = false;
    return {};
}

void Intake::hear(const spool::InboxEvent& event) {
    const bool was_idle = is_idle();
    take_note(event);
    if (!named_.empty() || next_scan_ == Millis{0}) wake_.raise();
    if (was_idle && !is_idle()) due_.raise();
}

void Intake::take_note(const spool::InboxEvent& event) {
    using Kind = spool::InboxEvent::Kind;
    settling_.notice(event);
    // These two say that somebody has finished with the file; anything else only that a look is worth it.
    const bool whole = event.kind == Kind::moved_in || event.kind == Kind::closed;
    if (whole && named_.size() < kNamedMax)
        named_.insert(event.name);
    else if (event.kind != Kind::modified)
        next_scan_ = Millis{0};
    if (event.kind == Kind::gone_away) watch_is_lost_ = true;
}

bool Intake::is_idle() const {
    return next_scan_ == kNever && named_.empty() && unfinished_.empty() && !settling_.next_look();
}

void Intake::rest() {
    if (watcher_) return;
    // What is wrong with the folder itself a scan tells of.
    const auto watched = watch();
    if (!watched && watched.error().code != boost::system::errc::no_such_file_or_directory)
        tell_of_no_watch(watched.error());
    next_scan_ = unfinished_.empty() ? kNever : Millis{0};
}

asio::awaitable<void> Intake::run() {
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
        if (is_idle()) co_return;
        co_await wake_.wait_for(ports_.clock, until_next_look());
        if (settling_.next_look() && *settling_.next_look() <= ports_.clock.uptime()) next_scan_ = Millis{0};
    }
}

Millis Intake::until_next_look() const {
    Millis next = next_scan_;
    if (const auto settled = settling_.next_look()) next = std::min(next, *settled);
    return std::max(Millis{0}, next - ports_.clock.uptime());
}

void Intake::scan_now() {
    next_scan_ = Millis{0};
    wake_.raise();
    due_.raise();
}

asio::awaitable<void> Intake::scan() {
    const Millis next = ports_.clock.uptime() + ports_.settings.spool.scan_interval;
    // Before the folder is read, and not behind it: an event meanwhile sets it to now, which must not be
    // lost.
    next_scan_ = next;
    ports_.wakes.commander.raise();  // now and then, for the same reason: the kernel does not see everything
    const auto watched = watch();    // first: what comes behind the scan is heard
    // What is announced from here on may have missed the scan.
    auto named = std::exchange(named_, {});
    const std::set<std::string> known = known_folders();
    auto begun = co_await run_blocking(ports_.pool, [this, &known] { return begin_scan(inbox_, known); });
    const auto owned = begun ? own_inbox() : Result<void>();
    if (!begun || !owned) {
        // What was announced stays announced for the scan that succeeds.
        named_.merge(named);
        inbox_fails(begun ? owned.error() : begun.error());
        co_return;
    }
    if (!watched) tell_of_no_watch(watched.error());
    co_await finish_the_unfinished();
    some_wait_ = !unfinished_.empty();
    left_ = {};
    const bool is_empty = begun->page.is_empty && !some_wait_;
    co_await read_names(begun->directory, std::move(begun->page));
    const bool is_one_of_many = mode_ == Mode::daemon && queue_ != config::kDefaultQueue;
    if (is_one_of_many && is_empty && next_scan_ == next) next_scan_ = kNever;
}

asio::awaitable<void> Intake::read_names(std::optional<spool::InboxScan>& directory, spool::InboxPage page) {
    settling_.begin_scan();
    for (;;) {
        left_.add(page.left);
        mention_set_aside(page.set_aside);
        if (!page.hidden.empty()) co_await remove_left(std::move(page.hidden));
        std::vector<Candidate> group;
        for (Candidate& candidate : page.candidates) {
            if (is_ready(candidate)) group.push_back(std::move(candidate));
            if (group.size() == kGroupMax) co_await claim(std::exchange(group, {}));
        }
        if (!group.empty()) co_await claim(std::move(group));
        if (!page.more) break;
        auto next = co_await run_blocking(ports_.pool, [&directory] { return directory->next(); });
        if (!next) {
            inbox_fails(next.error());
            co_return;
        }
        page = std::move(*next);
    }
    settling_.end_scan();
    // Of files that are gone by now.
    std::erase_if(failed_,
                  [now = ports_.clock.uptime()](const auto& one) { return one.second.until <= now; });
    inbox_works();
    if (auto shown = picture_.show(left_); !shown)
        say_once("", "what is left alone can't be shown: " + to_string(shown.error()));
}

/// What a `submit` or a page that was killed has left. What can't be removed is hidden, and harms nobody.
asio::awaitable<void> Intake::remove_left(std::vector<std::string> hidden) {
    const TimePoint now = ports_.clock.now();
    (void)co_await run_blocking(ports_.pool, [&] { return spool::remove_left_drops(inbox_, hidden, now); });
}

asio::awaitable<void> Intake::take_named() {
    if (!own_inbox()) named_.clear();  // the next scan says why
    const auto left_before = left_.by_reason();
    while (!named_.empty()) {
        std::vector<Candidate> group;
        while (!named_.empty() && group.size() < kGroupMax) {
            auto candidate = spool::look_at(inbox_, *named_.begin());
            named_.erase(named_.begin());
            // What is gone again, or is not for us, is the next scan's to say.
            if (candidate && *candidate && is_ready(**candidate)) group.push_back(std::move(**candidate));
        }
        if (!group.empty()) co_await claim(std::move(group));
    }
    // Only a scan counts all that is left alone, and tells of it.
    if (left_.by_reason() != left_before) next_scan_ = Millis{0};
}

std::set<std::string> Intake::known_folders() const {
    std::set<std::string> queues;
    if (queue_ == config::kDefaultQueue)
        for (const auto& [name, queue] : ports_.settings.queues) queues.insert(name);
    return queues;
}

bool Intake::is_ready(const Candidate& candidate) {
    const auto failed = failed_.find(candidate.name);
    if (failed != failed_.end() && ports_.clock.uptime() < failed->second.until) {
        left_.add(failed->second.reason, failed->second.shown);
        some_wait_ = true;
        return false;
    }
    if (failed != failed_.end()) failed_.erase(failed);
    return !waits(candidate, settling_.observe(candidate, ports_.clock.uptime()));
}

bool Intake::waits(const Candidate& candidate, Readiness readiness) {
    if (readiness == Readiness::ready) return false;
    some_wait_ = true;
    if (candidate.stamp.size_bytes > 0 &&
        settling_.still_for(candidate.name, ports_.clock.uptime()) >= kLongOpen)
        left_.add(LeftReason::open, candidate.name);
    return true;
}

/// The original of a job that has ended was altered, and kept for people to see; of one that nobody knows
/// it can't be said whether it was sent.
void Intake::mention_set_aside(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const auto job = ports_.store.jobs.find_by_key(std::string(*spool::set_aside_key(name)));
        if (!job || (*job && !is_final((*job)->state))) continue;
        const bool was_sent = *job && (*job)->requests > 0 && (*job)->state != store::JobState::rejected;
        left_.add(
            LeftReason::set_aside,
            was_sent ? name + ", whose first " + with_commas((*job)->size_bytes) + " bytes were sent" : name);
    }
}

void Intake::say_once(const std::string& name, const std::string& what, const std::string& cause) {
    if (said_.size() >= kSaidMax) said_.clear();
    const std::string text = name.empty() ? what : name + ": " + what;
    const bool is_new = said_.insert(cause.empty() ? text : name + ": " + cause).second;
    if (is_new) ports_.journal.note(EventKind::file_left_alone, text);
}

void Intake::tell_of_no_watch(const Error& why) {
    say_once("", "the inbox is not watched, only scanned: " + to_string(why));
}

void Intake::inbox_works() {
    if (!inbox_is_gone_) return;
    inbox_is_gone_ = false;
    ports_.journal.note(EventKind::inbox_back, inbox_.string());
}

void Intake::inbox_fails(const Error& error) {
    if (!inbox_is_gone_) ports_.journal.note(EventKind::inbox_gone, to_string(error));
    inbox_is_gone_ = true;
    // What was seen in it is no longer waited for: a file that is due would have us look again and again.
    settling_.notice({spool::InboxEvent::Kind::gone_away, ""});
}

}  // namespace batchd::engine
