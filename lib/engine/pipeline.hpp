#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "engine/account/accounts.hpp"
#include "engine/budget/budget_keeper.hpp"
#include "engine/command/commander.hpp"
#include "engine/deliver/deliverer.hpp"
#include "engine/intake/intakes.hpp"
#include "engine/plan/planner.hpp"
#include "engine/release/releaser.hpp"
#include "engine/resources.hpp"

namespace batchd::engine {

/// All stages. They hand each other no work: between them is the database, and a wake, so a start after a
/// crash is like any other. Only the commander reaches over, for a person waits: it has the planner and the
/// submitters look at a row again at once.
class Pipeline {
public:
    Pipeline(const Resources& resources, Intake::Mode mode, std::vector<AccountAccess> accounts);

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
    boost::asio::awaitable<void> stop_when_all_ended(TaskGroup& stages);
    /// When the next of the providers is asked.
    std::optional<Millis> next_round() const;
    bool all_ended() const;
    /// Nobody has a file or a command for us that is not taken yet.
    bool nothing_is_asked() const;
    bool only_held_is_left() const;
    bool only_money_is_missing() const;

    const Resources resources_;
    Intake::Mode mode_;
    std::optional<std::string> given_up_;
    spool::InboxWatches watches_;
    Intakes intakes_;
    WaitingTally waiting_;
    Planner planner_;
    Accounts accounts_;
    Releaser releaser_;
    BudgetKeeper budgets_;
    Deliverer deliverer_;
    Commander commander_;
};

}  // namespace batchd::engine
