#include "engine/command/commander.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_blocking.hpp"
#include "base/async/task_group.hpp"
#include "config/effective.hpp"
#include "engine/budget/queue_budget.hpp"
#include "engine/command/command_rules.hpp"
#include "engine/command/release_words.hpp"
#include "engine/stage/row_backoff.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

// A commit is written to the log, synced, and only then to be seen; and many come at once.
constexpr Millis kFirstLook = 20ms;
constexpr Millis kLastLook = 500ms;

/// "2 batches at the provider are told to stop, 1 batch is not submitted".
std::string what_a_cancel_does(const std::vector<store::Batch>& batches) {
    std::uint64_t submitted = 0, ours = 0, shared = 0;
    for (const store::Batch& batch : batches) {
        const bool is_submitted =
            batch.phase == store::BatchPhase::watching || batch.phase == store::BatchPhase::creating;
        if (batch.is_shared() && is_submitted)
            shared += batch.requests;
        else if (is_submitted)
            ++submitted;
        else if (batch.phase < store::BatchPhase::creating)
            ++ours;
    }
    std::string text;
    if (submitted > 0)
        text += ": " + count_of(submitted, "batch", "batches") + " at the provider to be stopped";
    if (ours > 0)
        text += (text.empty() ? ": " : ", ") + count_of(ours, "batch", "batches") + " not to be submitted";
    if (shared > 0)
        text += (text.empty() ? ": " : ", ") + count_of(shared, "request", "requests") +
                " in batches that others share " + (shared == 1 ? "is" : "are") + " not waited for";
    return text;
}

}  // namespace

Commander::Commander(const Ports& ports, Planner& planner, Accounts& accounts, Releaser& releaser,
                     Deliverer& deliverer)
    : ports_(ports),
      planner_(planner),
      accounts_(accounts),
      releaser_(releaser),
      deliverer_(deliverer),
      doubts_(ports.store, ports.clock, ports.journal, ports.wakes, accounts),
      worker_(ports.clock, ports.wakes.commander, {.slots = 1, .backoff = row_backoff(ports.settings.retry)},
              {.find = [this](std::size_t count_max) { return ports_.store.commands.open(count_max); },
               .work = [this](std::int64_t id) { return obey(id); },
               .say =
                   [this](std::int64_t id, const std::string& why) {
                       ports_.journal.note(EventKind::waiting, "command " + std::to_string(id) + ": " + why);
                   }}) {}

asio::awaitable<void> Commander::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(worker_.run());
    tasks.spawn(look_when_written());
    watch();
    co_await tasks.join();
}

void Commander::watch() {
    const Path database = ports_.layout.database();
    const std::string log = database.filename().string() + "-wal";
    // A command is a row that another process commits, and SQLite tells nobody. Its log file grows with
    // each commit, which the kernel does tell.
    auto watcher = ports_.watches.watch(database.parent_path(), [this, log](const spool::InboxEvent& event) {
        if (event.name == log || event.kind == spool::InboxEvent::Kind::overflow)
            ports_.wakes.commands_written.raise();
    });
    if (!watcher) {
        ports_.journal.note(EventKind::waiting, "commands are looked for only when the inbox is scanned: " +
                                                    to_string(watcher.error()));
        return;
    }
    watcher_.emplace(std::move(*watcher));
    ports_.wakes.commands_written.raise();  // what came before the watch
}

asio::awaitable<void> Commander::look_when_written() {
    for (;;) {
        co_await ports_.wakes.commands_written.wait();
        // Until nobody is in the middle of a commit, there may be one that can't be seen yet.
        Result<bool> busy = true;
        for (Millis delay = kFirstLook; busy && *busy; delay = std::min(2 * delay, kLastLook)) {
            co_await ports_.clock.sleep_for(delay);
            busy = ports_.store.database.is_being_written();
        }
        // Most writes are our own and no command, and to find that out costs a look at an index.
        const auto open = ports_.store.commands.open(1);
        if (!open || !open->empty()) ports_.wakes.commander.raise();
    }
}

Commander::Step Commander::obey(std::int64_t id) {
    // Obeyed once: the outcome is committed with what was done, so a command that is found open was not
    // obeyed, or not to its end, and each is fit to be obeyed again.
    const auto command = ports_.store.commands.find(id);
    if (!command) co_return postponed(command.error());
    if (!*command || (*command)->done_at) co_return std::nullopt;
    // It is about a queue and has no job.
    if ((*command)->verb == store::Verb::release) co_return co_await release(**command);
    const auto job = ports_.store.jobs.find((*command)->job_id);
    if (!job) co_return postponed(job.error());
    if (!*job) {
        const Outcome unknown{false, "there is no job " + std::to_string((*command)->job_id.value)};
        co_return end(**command, unknown);
    }
    if ((*command)->verb == store::Verb::cancel) co_return cancel(**command, **job);
    if ((*command)->verb == store::Verb::retry) co_return co_await retry(**command, **job);
    co_return co_await decide(**command, **job);
}

/// What waits in a queue is sent now.
Commander::Step Commander::release(store::Command command) {
    const std::string& queue = command.argument;
    if (!config::has_queue(ports_.settings, queue)) {
        const Outcome unknown{false, "there is no queue " + queue};
        co_return end(command, unknown);
    }
    store::Release what{.queue = queue, .over_budget = command.over_budget};
    // Before what waits is looked up, and without a break in between: what is being read is counted by the
    // one or the other, whenever it is planned.
    const auto unread = ports_.store.waiting_jobs.record_release_asked(what);
    if (!unread) co_return postponed(unread.error());
    const auto gone = co_await releaser_.release(what, ports_.clock.now(), "on request");
    if (!gone) co_return postponed(gone.error());
    const auto without_money = ports_.store.budgets.waits(queue);
    if (!without_money) co_return postponed(without_money.error());
    const bool is_held_to_budget = !what.over_budget && budget_of(ports_.settings, queue);
    const Released released{.gone = *gone,
                            .unread = *unread,
                            .without_money = *without_money,
                            .is_held_to_budget = is_held_to_budget};
    const Outcome outcome{true, what_a_release_does(queue, released)};
    co_return end(command, outcome);
}

/// A person decides about what is held.
Commander::Step Commander::decide(store::Command command, store::Job job) {
    auto done = co_await doubts_.obey(command.verb, job, command.argument);
    if (done.wait) co_return done.wait;
    const Outcome outcome{done.ok, std::move(done.sentence)};
    const auto recorded =
        ports_.store.database.transact([&]() -> Result<void> { return record(command, job, outcome); });
    if (!recorded) co_return postponed(recorded.error());
    tell_of_outcome();
    co_return std::nullopt;
}

Progress Commander::cancel(const store::Command& command, const store::Job& job) {
    Outcome outcome;
    const auto why_not = why_not_cancel(job);
    if (why_not) {
        outcome = {false, *why_not};
    } else if (job.cancel_asked_at) {
        outcome.sentence = title(job) + " is being cancelled already";
        // Nothing is left to be stopped but what would be made of its answers.
    } else if (job.state == store::JobState::delivering) {
        outcome.sentence = title(job) +
                           " has all its answers already: they are put into the outbox as far as"
                           " they are there, and no next step is made of them";
    } else {
        const auto batches = ports_.store.batches.of_job(job.id);
        if (!batches) return postponed(batches.error());
        outcome.sentence = title(job) + " is being cancelled" + what_a_cancel_does(*batches) +
                           "; what is answered by then is delivered";
    }
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        if (!why_not)
            if (auto asked = ask_to_cancel(job); !asked) return asked;
        return record(command, job, outcome);
    });
    if (!recorded) return postponed(recorded.error());
    // After the commit: what is woken looks into the database for the cancel.
    if (!why_not) {
        planner_.take_up_cancel(job);
        for (AccountStages* const account : accounts_.all()) account->take_up_cancel(job.id);
        ports_.wakes.releaser.raise();  // it may wait in its queue
        deliverer_.take_up_cancel(job);
    }
    tell_of_outcome();
    return std::nullopt;
}

/// What shares a batch with others goes on there, and the job does not wait for it.
Result<void> Commander::ask_to_cancel(const store::Job& job) {
    const TimePoint now = ports_.clock.now();
    auto done = ports_.store.jobs.record_cancel_asked(job.id, now);
    if (done) done = ports_.store.parts.all_go_alone(job.id);
    if (!done) return done;
    const auto has_left = ports_.store.parts.leave(job.id, now);
    if (!has_left || !*has_left) return has_left ? Result<void>() : has_left.error();
    // With no batch of its own left open, no stage would come back to it.
    const auto open = ports_.store.batches.count_open(job.id);
    if (!open || *open > 0) return open ? Result<void>() : open.error();
    return ports_.store.jobs.change_state(job.id, store::JobState::delivering);
}

void Commander::tell_of_outcome() {
    ports_.wakes.progressed();
    ports_.wakes.command_done.raise_all();
}

Progress Commander::end(const store::Command& command, const Outcome& outcome) {
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        ports_.journal.note_command(command, std::nullopt, outcome.sentence);
        return ports_.store.commands.record_outcome(command.id, outcome, ports_.clock.now());
    });
    if (!recorded) return postponed(recorded.error());
    tell_of_outcome();
    return std::nullopt;
}

Result<void> Commander::record(const store::Command& command, const store::Job& job, const Outcome& outcome) {
    ports_.journal.note_command(command, job, outcome.sentence);
    return ports_.store.commands.record_outcome(command.id, outcome, ports_.clock.now());
}

}  // namespace batchd::engine
