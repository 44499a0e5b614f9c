#include "engine/pipeline.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/async/task_group.hpp"
#include "engine/clean/forget_old.hpp"
#include "engine/stage/wait_conditions.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

Pipeline::Pipeline(const Resources& resources, Intake::Mode mode, std::vector<AccountAccess> accounts,
                   WhyClosed why_closed)
    : resources_(resources),
      mode_(mode),
      watches_(resources.wakes.executor()),
      intakes_({resources.settings, resources.layout, resources.store, resources.clock, resources.pool,
                resources.journal, resources.wakes, watches_},
               mode),
      planner_(
          {resources.settings, resources.layout, resources.store, resources.clock, resources.pool,
           resources.journal, resources.wakes, waiting_},
          [this](store::JobId id) { return intakes_.is_moving(id); }, mode),
      accounts_(resources, std::move(accounts)),
      releaser_({resources.settings, resources.layout, resources.store, resources.clock, resources.pool,
                 resources.journal, resources.wakes, waiting_},
                mode),
      budgets_({resources.settings, resources.store, resources.clock, resources.pool, resources.journal,
                resources.wakes, resources.prices},
               releaser_),
      deliverer_({resources.settings, resources.layout, resources.store, resources.clock, resources.pool,
                  resources.journal, resources.wakes}),
      commander_({resources.settings, resources.layout, resources.store, resources.clock, resources.pool,
                  resources.journal, resources.wakes, watches_},
                 planner_, accounts_, releaser_, deliverer_),
      single_run_({resources.settings, resources.store, resources.clock, resources.journal, resources.wakes,
                   std::move(why_closed), [this] { return intakes_.drained(); }}) {}

void Pipeline::replace_queues() {
    intakes_.replace();
    resources_.wakes.releaser.raise();
    resources_.wakes.budgets.raise();
}

asio::awaitable<void> Pipeline::run() {
    // Where this can't be written, the stages that need the terms meet the same error, and say so.
    (void)freeze_terms(resources_.store, resources_.settings);
    // Before any stage runs: what a crash interrupted between a row and its rename would look to the
    // planner like a file that somebody took away.
    co_await intakes_.finish_claims();
    co_await run_stages();
}

asio::awaitable<void> Pipeline::run_stages() {
    TaskGroup stages(co_await asio::this_coro::executor);
    stages.spawn(watches_.run());
    stages.spawn(intakes_.run());
    stages.spawn(planner_.run());
    stages.spawn(accounts_.run());
    stages.spawn(releaser_.run());
    stages.spawn(budgets_.run());
    stages.spawn(deliverer_.run());
    stages.spawn(commander_.run());
    if (const auto keep = resources_.settings.state.keep)
        stages.spawn(forget_old(resources_.store, resources_.clock, resources_.journal, *keep));
    if (mode_ == Intake::Mode::once) stages.spawn(stop_when_over(stages));
    co_await stages.join();
}

asio::awaitable<void> Pipeline::stop_when_over(TaskGroup& stages) {
    given_up_ = co_await single_run_.until_over();
    stages.cancel();
}

std::optional<Millis> Pipeline::next_round() const {
    std::optional<Millis> next;
    for (const AccountStages* const account : accounts_.all())
        if (const auto its = account->next_round()) next = std::min(next.value_or(*its), *its);
    return next;
}

std::string Pipeline::status() const {
    const auto jobs = resources_.store.jobs.count();
    const auto batches = resources_.store.batches.count_watched();
    if (!jobs || !batches)
        return "the database can't be read: " + to_string(jobs ? batches.error() : jobs.error());
    if (jobs->open == 0)
        return !intakes_.gone().empty() ? "no jobs"
                                        : "waiting for files in " + resources_.settings.spool.inbox.string();
    std::string text = count_of(jobs->open, "job running", "jobs running") + ", " +
                       count_of(*batches, "batch in flight", "batches in flight");
    if (const auto overdue = resources_.store.batches.count_overdue(); overdue && *overdue > 0)
        text += " (" + with_commas(*overdue) + " overdue)";
    if (const std::uint64_t waiting = budgets_.files_waiting())
        text += ", " + count_of(waiting, "file waits for money", "files wait for money");
    for (const AccountStages* const account : accounts_.all())
        if (const std::string activity = account->activity(); !activity.empty()) text += ", " + activity;
    // The uptime's and not the wall's: it is a wait, and a clock that is set does not shorten it.
    if (const auto next = next_round()) {
        const auto left =
            std::chrono::ceil<std::chrono::seconds>(std::max(Millis{0}, *next - resources_.clock.uptime()));
        text += ", next poll in " + std::to_string(left.count()) + "s";
    }
    return text;
}

std::vector<store::Condition> Pipeline::conditions() const {
    std::vector<store::Condition> all;
    const auto add = [&](const RowWord& word, const Waits& waits) {
        auto more = conditions_of(word, waits, resources_.clock.now(), resources_.clock.uptime());
        all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    const auto is_job = [](std::int64_t id) { return std::optional(store::JobId{id}); };
    const auto of_batch = [this](std::int64_t id) {
        const auto batch = resources_.store.batches.find(store::BatchRowId{id});
        return batch && *batch ? (*batch)->only_job() : std::nullopt;
    };
    const auto of_command = [this](std::int64_t id) {
        const auto command = resources_.store.commands.find(id);
        return command && *command ? std::optional((*command)->job_id) : std::nullopt;
    };
    // A trigger of the schema has set a condition for it already.
    const auto is_held = [this](std::int64_t id) {
        const auto batch = resources_.store.batches.find(store::BatchRowId{id});
        return batch && *batch && !(*batch)->held.empty();
    };
    const RowWord jobs{"job", "jobs", is_job}, batches{"batch", "batches", of_batch, is_held};
    add(jobs, planner_.waits());
    const RowWord files{"unused upload", "unused uploads", [](std::int64_t) { return std::nullopt; }};
    for (const AccountStages* const account : accounts_.all()) {
        for (const Waits* const waits : account->batch_waits()) add(batches, *waits);
        add(jobs, account->job_waits());
        add(files, account->file_waits());
    }
    add(jobs, deliverer_.waits());
    add({"command", "commands", of_command}, commander_.waits());
    for (store::Condition& condition : budgets_.conditions()) all.push_back(std::move(condition));
    // Of stages that have no rows, whose trouble would be seen nowhere else.
    for (const auto& [stage, why] : resources_.journal.troubles())
        all.push_back({.kind = "waiting", .about = why.substr(0, why.find(": ")), .text = why});
    for (const Path& folder : intakes_.gone())
        all.push_back({.kind = "inbox_gone",
                       .about = folder.string(),
                       .text = folder.string() + " can't be read: make it again, or mend its permissions"});
    return all;
}

}  // namespace batchd::engine
