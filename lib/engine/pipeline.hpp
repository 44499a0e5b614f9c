#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "engine/account/accounts.hpp"
#include "engine/command/commander.hpp"
#include "engine/deliver/deliverer.hpp"
#include "engine/intake/intakes.hpp"
#include "engine/plan/planner.hpp"
#include "engine/release/budget_keeper.hpp"
#include "engine/release/releaser.hpp"
#include "engine/resources.hpp"
#include "engine/single_run.hpp"

namespace batchd::engine {

/// All stages. They hand each other no work: between them is the database, and a wake, so a start after a
/// crash is like any other. Some reach over for what can't wait: the commander has others look at a row again
/// at once, for a person waits; the patience with a cancel that is over hurries the collector; and the budget
/// lets the releaser go on.
class Pipeline {
public:
    /// `why_closed` is asked in Mode::once: whether what is left can go on.
    Pipeline(
        const Resources& resources, Intake::Mode mode, std::vector<AccountAccess> accounts,
        WhyClosed why_closed = [](const std::string&) { return std::nullopt; });

    /// From now on these accounts are configured: see Accounts::replace().
    void replace_accounts(std::vector<AccountAccess> accounts) { accounts_.replace(std::move(accounts)); }
    /// The queues of the settings are others now.
    void replace_queues();

    /// As Intake::own_inbox(): before anything is done.
    Result<void> own_inbox() { return intakes_.own_inbox(); }
    /// Runs until cancelled; in Mode::once until what was in the inbox, and whatever was in flight, has
    /// ended.
    boost::asio::awaitable<void> run();

    /// In Mode::once, once run() is over: why it ended before all jobs had; nothing where they have.
    const std::optional<std::string>& given_up() const { return given_up_; }

    /// "3 jobs running, 12 batches in flight, next poll in 41s".
    std::string status() const;
    /// What the stages wait for at this instant.
    std::vector<store::Condition> conditions() const;

private:
    boost::asio::awaitable<void> run_stages();
    /// In Mode::once: cancels all stages when the run is over.
    boost::asio::awaitable<void> stop_when_over(TaskGroup& stages);
    /// When the next of the providers is asked.
    std::optional<Millis> next_round() const;

    const Resources resources_;
    Intake::Mode mode_;
    std::optional<std::string> given_up_;
    /// In the order in which they use each other: what comes later refers to what stands before it.
    spool::InboxWatches watches_;
    Intakes intakes_;
    WaitingTally waiting_;
    Planner planner_;
    Accounts accounts_;
    Releaser releaser_;
    BudgetKeeper budgets_;
    Deliverer deliverer_;
    Commander commander_;
    SingleRun single_run_;
};

}  // namespace batchd::engine
