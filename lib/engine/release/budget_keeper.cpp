#include "engine/release/budget_keeper.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_blocking.hpp"
#include "base/async/task_group.hpp"
#include "config/effective.hpp"
#include "engine/bill/charges.hpp"
#include "engine/budget/job_estimate.hpp"
#include "engine/budget/queue_budget.hpp"
#include "engine/stage/row_backoff.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kDueJobsAtOnce = 500;
// Shorter ones disturb nobody on the one thread, and need no rest behind them.
constexpr Millis kLongLook = std::chrono::milliseconds(5);
constexpr Millis kLongestRest = std::chrono::seconds(10);

store::MoneyWait wait_of(money::BudgetDecision decision) {
    if (decision == money::BudgetDecision::beyond) return store::MoneyWait::budget;
    return decision == money::BudgetDecision::unpriced ? store::MoneyWait::price : store::MoneyWait::money;
}

/// A word of people for what waits, among others of its queue.
std::string about(const std::string& queue, store::MoneyWait what) {
    const char* const which = what == store::MoneyWait::budget  ? " (too dear)"
                              : what == store::MoneyWait::price ? " (no price)"
                                                                : "";
    return "queue " + queue + which;
}

}  // namespace

asio::awaitable<void> BudgetKeeper::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(set_back_.run());
    tasks.spawn(keep_all());
    co_await tasks.join();
}

asio::awaitable<void> BudgetKeeper::keep_all() {
    for (;;) {
        set_back_.look();
        const Millis begun = ports_.clock.uptime();
        const auto next = co_await look_at_all();
        // Each answer and each new file is a reason to look, and a look at a queue that has let go tens of
        // thousands of jobs today takes a while: it gets a tenth of the time at most.
        const Millis taken = ports_.clock.uptime() - begun;
        if (taken > kLongLook) co_await ports_.clock.sleep_for(std::min(9 * taken, kLongestRest));
        co_await ports_.wakes.budgets.wait_until(ports_.clock, next);
    }
}

asio::awaitable<std::optional<TimePoint>> BudgetKeeper::look_at_all() {
    const auto queues = ports_.store.budgets.queues();
    std::optional<TimePoint> next;
    std::optional<Error> failure;
    if (!queues) failure = queues.error();
    // A queue in which nothing waits any more is not looked at below, and what it said would stay for ever.
    if (queues)
        std::erase_if(waits_, [&](const auto& entry) {
            return std::find(queues->begin(), queues->end(), entry.first) == queues->end();
        });
    for (const std::string& queue : queues ? *queues : std::vector<std::string>()) {
        const auto at = co_await look_at(queue);
        // The others are looked at all the same: one queue whose rows can not be read stops nobody else.
        if (!at) failure = within("the budget of " + queue, at.error());
        if (at && *at) next = std::min(next.value_or(**at), **at);
    }
    if (!failure) {
        complaint_.clear();
        co_return next;
    }
    complaint_.say(to_string(*failure));
    co_return ports_.clock.now() + row_backoff(ports_.settings.retry).max;
}

BudgetKeeper::Next BudgetKeeper::look_at(std::string queue) {
    const auto budget = budget_of(ports_.settings, queue);
    if (!budget) {
        const auto gone = co_await let_all_go(queue);
        if (!gone) co_return gone.error();
        co_return std::optional<TimePoint>();
    }
    auto look = co_await begin(queue, *budget);
    if (!look) co_return look.error();
    for (std::optional<store::JobId> last = store::JobId{}; last;) {
        const auto page = co_await admit_page(*look, *last);
        if (!page) co_return page.error();
        last = *page;
    }
    if (auto recorded = record(*look); !recorded) co_return recorded.error();
    // After it is on record, and not before: people are shown what would still be there after a restart.
    waits_[queue] = look->waits;
    ports_.wakes.observer.raise();
    ports_.wakes.finisher.raise();  // a single run ends where only money is missing
    std::optional<TimePoint> next;
    if (look->waits.contains(store::MoneyWait::money)) next = look->until();
    // A file of prices does not say when it changes.
    if (look->waits.contains(store::MoneyWait::price))
        next = ports_.clock.now() + ports_.settings.spool.scan_interval;
    co_return next;
}

/// A queue whose budget was taken away, or that was. What is held is held by a person's word, and a table
/// that goes from the configuration, for an hour or by mistake, does not take that back.
asio::awaitable<Result<void>> BudgetKeeper::let_all_go(std::string queue) {
    const bool is_there = config::has_queue(ports_.settings, queue);
    std::vector<store::Job> going;
    Waits waits;
    for (std::optional<store::JobId> last = store::JobId{}; last;) {
        const auto page = ports_.store.budgets.due(queue, *last, kDueJobsAtOnce);
        if (!page) co_return page.error();
        last = page->empty() ? std::nullopt : std::optional(page->back().id);
        for (const store::DueJob& due : *page) {
            auto job = ports_.store.jobs.find(due.id);
            if (!job) co_return job.error();
            if (!*job) continue;
            if (is_there || due.waits_for == store::MoneyWait::turn)
                going.push_back(std::move(**job));
            else
                hold_without_queue(waits, due, **job);
        }
    }
    if (auto gone = co_await releaser_.let_go(std::move(going)); !gone) co_return gone.error();
    waits_.erase(queue);
    if (!waits.empty()) waits_.emplace(queue, std::move(waits));
    ports_.wakes.observer.raise();
    co_return Result<void>();
}

void BudgetKeeper::hold_without_queue(Waits& waits, const store::DueJob& due, const store::Job& job) {
    Wait& wait = waits[due.waits_for];
    if (++wait.files > 1) return;
    wait.first = due.id;
    wait.text = job.name + " waited for the budget of queue " + job.queue +
                ", which is not in the configuration any more: put [queue." + job.queue +
                "] back, or `batchd cancel` it";
}

asio::awaitable<Result<BudgetKeeper::Look>> BudgetKeeper::begin(std::string queue, money::Budget budget) {
    const money::PriceSources sources = price_sources(ports_.settings);
    auto prices = co_await run_blocking(ports_.pool, [&] { return ports_.prices.look(sources); });
    for (const std::string& complaint : prices.complaints) ports_.journal.note(EventKind::prices, complaint);
    Look look{.queue = queue,
              .budget = budget,
              .prices = std::move(prices.book),
              .history = {},
              .now = ports_.clock.now()};
    const auto before = ports_.store.budgets.waits(queue);
    if (!before) co_return before.error();
    for (const store::MoneyWaits& waits : *before)
        // Who waits for a turn has not been looked at yet, so nobody was told of it.
        if (waits.what != store::MoneyWait::turn) look.told.insert(waits.what);
    const auto lessons = ports_.store.budgets.lessons(queue);
    if (!lessons) co_return lessons.error();
    for (const store::TokenLesson& lesson : *lessons)
        look.history.add(lesson.estimated_input, lesson.input, lesson.output);
    // What went before there was a budget, or a price, counts as well.
    const money::Period period = look.period();
    const auto without = ports_.store.budgets.unestimated(queue, period.from, period.to);
    if (!without) co_return without.error();
    for (const store::DueJob& job : *without)
        if (const auto cost = estimate(look, job))
            if (auto recorded = ports_.store.budgets.record_estimate(job.id, cost->count()); !recorded)
                co_return recorded.error();
    co_return std::move(look);
}

std::optional<money::NanoDollars> BudgetKeeper::estimate(const Look& look, const store::DueJob& job) const {
    const config::Provider* const provider = config::find_provider(ports_.settings, job.provider);
    return estimated_cost(read_asked(job.asks), provider == nullptr ? ports_.settings.provider : *provider,
                          *look.prices, look.history);
}

Result<money::BudgetUse> BudgetKeeper::spent(const Look& look) {
    // Each job has a budget of its own.
    if (look.budget.span == money::BudgetSpan::job) return money::BudgetUse{};
    // What has gone and is not answered yet counts by its estimate, or a whole queue would go before the
    // first bill.
    const money::Period period = look.period();
    const auto through = ports_.store.budgets.let_through(look.queue, period.from, period.to);
    if (!through) return through.error();
    return money::BudgetUse{money::NanoDollars(through->paid), money::NanoDollars(through->expected)};
}

asio::awaitable<Result<std::optional<store::JobId>>> BudgetKeeper::admit_page(Look& look,
                                                                              store::JobId after) {
    const auto jobs = ports_.store.budgets.due(look.queue, after, kDueJobsAtOnce);
    if (!jobs) co_return jobs.error();
    std::vector<std::optional<money::NanoDollars>> estimates;
    for (const store::DueJob& job : *jobs) estimates.push_back(estimate(look, job));
    // Asked for each page and not once for all: what the page before has let go is in it by now.
    const auto spent = this->spent(look);
    if (!spent) co_return spent.error();
    const std::vector<money::BudgetDecision> decisions = money::admit(look.budget, *spent, estimates);
    std::vector<store::Job> going;
    std::optional<store::JobId> next = jobs->empty() ? std::optional<store::JobId>() : jobs->back().id;
    for (std::size_t i = 0; i < jobs->size(); ++i) {
        const store::DueJob& due = (*jobs)[i];
        // On record before the job goes: a crash right behind its release would leave a job that counts as
        // nothing against the budget.
        const auto cost = estimates[i] ? std::optional(estimates[i]->count()) : std::nullopt;
        if (auto recorded = ports_.store.budgets.record_estimate(due.id, cost); !recorded)
            co_return recorded.error();
        auto job = ports_.store.jobs.find(due.id);
        if (!job) co_return job.error();
        if (!*job) continue;
        if (decisions[i] == money::BudgetDecision::goes) {
            going.push_back(std::move(**job));
            continue;
        }
        // Those before it first: what it waits for is said with what they cost.
        if (auto gone = co_await releaser_.let_go(std::exchange(going, {})); !gone) co_return gone.error();
        if (auto held = hold(look, due, **job, {decisions[i], estimates[i]}); !held) co_return held.error();
        // Nothing goes before what waits for its turn, so nothing behind it is looked at.
        if (decisions[i] == money::BudgetDecision::waits) co_return std::optional<store::JobId>();
    }
    if (auto gone = co_await releaser_.let_go(std::move(going)); !gone) co_return gone.error();
    co_return next;
}

Result<void> BudgetKeeper::hold(Look& look, const store::DueJob& due, const store::Job& job,
                                const Waiting& held) {
    const store::MoneyWait what = wait_of(held.decision);
    // What waits for its turn comes to wait for money with all others behind it, in one statement, which
    // leaves alone what was held for a person or a price until now.
    const bool comes_with_all = what == store::MoneyWait::money && due.waits_for == store::MoneyWait::turn;
    if (due.waits_for != what && !comes_with_all) look.changed.emplace_back(due.id, what);
    const auto [wait, is_new] = look.waits.try_emplace(what);
    if (!is_new) return {};
    const auto now = spent(look);
    if (!now) return now.error();
    wait->second.first = due.id;
    wait->second.text =
        job.name + " " + money::why_it_waits(held.decision, look.budget, *now, held.estimate, look.now);
    return {};
}

Result<void> BudgetKeeper::record(Look& look) {
    store::Budgets& budgets = ports_.store.budgets;
    return ports_.store.database.transact([&]() -> Result<void> {
        for (const auto& [job, what] : look.changed)
            if (auto done = budgets.record_wait(job, what, std::nullopt); !done) return done;
        // In one statement for all from the first on: tens of thousands may wait behind it for the same.
        if (const auto money = look.waits.find(store::MoneyWait::money); money != look.waits.end())
            if (auto done = budgets.record_all_wait(look.queue, money->second.first, look.until()); !done)
                return done;
        const auto after = budgets.waits(look.queue);
        if (!after) return after.error();
        for (const store::MoneyWaits& waits : *after)
            if (const auto wait = look.waits.find(waits.what); wait != look.waits.end())
                wait->second.files = waits.files;
        // In the same transaction: told and on record, or neither, so a crash makes nobody hear of it twice.
        tell(look);
        return {};
    });
}

void BudgetKeeper::tell(const Look& look) {
    if (look.waits.empty() && !look.told.empty())
        ports_.journal.note_queue(EventKind::budget_free, look.queue, "queue " + look.queue);
    for (const auto& [what, wait] : look.waits) {
        if (look.told.contains(what)) continue;
        const auto job = ports_.store.jobs.find(wait.first);
        if (job && *job) ports_.journal.note(EventKind::budget_holds, **job, wait.text);
    }
}

std::vector<store::Condition> BudgetKeeper::conditions() const {
    std::vector<store::Condition> all;
    for (const auto& [queue, waits] : waits_)
        for (const auto& [what, wait] : waits)
            all.push_back({.kind = "budget",
                           .about = about(queue, what),
                           .text = wait.text +
                                   (wait.files > 1 ? " (" + count_of(wait.files, "file", "files") + ")" : ""),
                           .job = wait.first});
    return all;
}

std::uint64_t BudgetKeeper::files_waiting() const {
    std::uint64_t files = 0;
    for (const auto& [queue, waits] : waits_)
        for (const auto& [what, wait] : waits) files += wait.files;
    return files;
}

}  // namespace batchd::engine
