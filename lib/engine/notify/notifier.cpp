#include "engine/notify/notifier.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_until.hpp"
#include "base/async/task_group.hpp"
#include "base/uuid.hpp"
#include "engine/notify/pinger.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using config::NotifyKind;

Notifier::Notifier(const Ports& ports, Sender& sender)
    : ports_(ports), sender_(sender), changed_(ports.wakes.executor()), idle_(ports.wakes.executor()) {}

asio::awaitable<void> Notifier::run() {
    for (;;) {
        targets_ = ports_.settings.notify_targets;
        tellers_.clear();
        for (const auto& [name, target] : targets_)
            if (*target.kind != NotifyKind::command && *target.kind != NotifyKind::ping)
                tellers_.push_back(std::make_unique<Teller>(
                    Teller::Ports{ports_.settings, ports_.store, ports_.clock, ports_.journal}, sender_,
                    idle_, name, target));
        is_running_ = true;
        idle_.raise();
        forget_others();
        // Without targets the tasks end at once.
        const std::uint64_t changes = changed_.times_raised();
        // What ended them may have been raised before they began, and then there is something new.
        const bool have_ended = co_await run_until(changed_, run_all());
        if (have_ended && changed_.times_raised() == changes) co_await changed_.wait();
    }
}

void Notifier::replace() {
    if (targets_ != ports_.settings.notify_targets) changed_.raise();
}

asio::awaitable<void> Notifier::run_all() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    for (const auto& teller : tellers_) tasks.spawn(teller->run());
    for (const auto& [name, target] : targets_) {
        if (*target.kind == NotifyKind::ping)
            tasks.spawn(
                ping({ports_.settings, ports_.store, ports_.clock, ports_.journal, ports_.wakes.alive},
                     sender_, name, target));
        // From here on it is told: `batchd hooks` may be started later.
        if (*target.kind == NotifyKind::command) (void)ports_.store.targets.find_or_add(name);
    }
    co_await tasks.join();
}

void Notifier::forget_others() {
    const auto rows = ports_.store.targets.all();
    if (!rows) return;
    for (const store::Target& row : *rows)
        // One that comes back later under this name is told from then on, and nothing of years ago.
        if (!targets_.contains(row.name)) (void)ports_.store.targets.remove(row.name);
}

asio::awaitable<void> Notifier::until_idle() {
    while (!is_idle()) co_await idle_.wait();
}

bool Notifier::is_idle() const {
    return is_running_ && std::all_of(tellers_.begin(), tellers_.end(),
                                      [](const auto& teller) { return teller->is_idle(); });
}

asio::awaitable<Result<notify::SendResult>> Notifier::test(std::string name) {
    const auto found = ports_.settings.notify_targets.find(name);
    if (found == ports_.settings.notify_targets.end())
        co_return error(Errc::not_found, "there is no [notify." + name + "]");
    // A copy: a reload may replace the settings while the message is on its way.
    const config::NotifyTarget target = found->second;
    store::Notice notice;
    notice.key = "msg_" + random_key();
    notice.at = ports_.clock.now();
    notice.type = "test";
    notice.text = "sent by `batchd notify test " + name + "`";
    if (*target.kind != NotifyKind::command) {
        std::vector<store::Notice> one;
        one.push_back(std::move(notice));
        co_return co_await sender_.send(name, target, std::move(one));
    }
    const auto added = ports_.store.notices.add(notice.at, notice.type, notice.text, name);
    if (!added) co_return added.error();
    ports_.journal.noted().raise_all();
    notify::SendResult left{true, "left for batchd hooks, which runs the command", std::nullopt};
    co_return left;
}

}  // namespace batchd::engine
