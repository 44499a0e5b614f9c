#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/release/releaser.hpp"
#include "engine/release/set_back_watch.hpp"
#include "engine/stage/complaint.hpp"
#include "engine/wakes.hpp"
#include "money/budget/admission.hpp"
#include "money/budget/estimate.hpp"
#include "money/price_file/prices.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Lets go what is due in the queues that have a budget, as far as there is money: by estimate before it is
/// sent, by fact once its answers are there. A job goes whole or not at all.
///
/// What does not go is held again against the budget whenever something changes that may let it: an answer,
/// the configuration, the day. Why it waits is on record with the job, so that people are told once however
/// often the daemon is started.
class BudgetKeeper {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        store::Store& store;
        Clock& clock;
        boost::asio::thread_pool& pool;
        Journal& journal;
        Wakes& wakes;
        money::Prices& prices;
    };

    BudgetKeeper(const Ports& ports, Releaser& releaser) : ports_(ports), releaser_(releaser) {}

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();

    /// What waits for money at this instant, one entry for each reason and queue.
    std::vector<store::Condition> conditions() const;
    /// How many jobs wait for money.
    std::uint64_t files_waiting() const;

private:
    /// Jobs of a queue that wait for the same, the first of them by name.
    struct Wait {
        store::JobId first;
        std::string text;
        std::uint64_t files = 0;
    };
    using Waits = std::map<store::MoneyWait, Wait>;
    /// What a look at one queue goes by.
    struct Look {
        std::string queue;
        money::Budget budget;
        std::shared_ptr<const money::PriceBook> prices;
        money::TokenHistory history;
        TimePoint now;
        std::set<store::MoneyWait> told{};  ///< what something waited for before
        Waits waits{};
        std::vector<std::pair<store::JobId, store::MoneyWait>> changed{};  ///< one by one

        std::optional<TimePoint> until() const { return money::next_money_at(budget.span, now); }
        /// The time whose spending counts.
        money::Period period() const { return money::period_of(budget.span, now); }
    };
    using Next = boost::asio::awaitable<Result<std::optional<TimePoint>>>;

    boost::asio::awaitable<void> keep_all();
    /// All queues in which something is due. Answers when to look again by itself; nothing: when something
    /// changes.
    boost::asio::awaitable<std::optional<TimePoint>> look_at_all();
    /// When it is to be looked at again by itself.
    Next look_at(std::string queue);
    /// What is due goes without a budget, as where there never was one; but of a queue that is not there any
    /// more what the budget held stays.
    boost::asio::awaitable<Result<void>> let_all_go(std::string queue);
    static void hold_without_queue(Waits& waits, const store::DueJob& due, const store::Job& job);
    /// Reads what a look goes by: prices, what earlier answers have taught, and who was told what.
    boost::asio::awaitable<Result<Look>> begin(std::string queue, money::Budget budget);
    /// The next jobs in their order. Answers the last of them; nothing: no other goes now.
    boost::asio::awaitable<Result<std::optional<store::JobId>>> admit_page(Look& look, store::JobId after);
    /// In the span of the budget so far: paid, and expected of what is on its way.
    Result<money::BudgetUse> spent(const Look& look);
    /// Nothing where the price of one of its models is not known.
    std::optional<money::NanoDollars> estimate(const Look& look, const store::DueJob& job) const;
    /// Why one does not go yet, and what it would cost where that is known.
    struct Waiting {
        money::BudgetDecision decision = money::BudgetDecision::waits;
        std::optional<money::NanoDollars> estimate;
    };
    /// Takes note of one that does not go; on record it comes with all others, by record().
    Result<void> hold(Look& look, const store::DueJob& due, const store::Job& job, const Waiting& held);
    /// What does not go is on record with the reason, and told where it is new.
    Result<void> record(Look& look);
    /// Of what is new since the look before. Part of the caller's transaction.
    void tell(const Look& look);

    const Ports ports_;
    Releaser& releaser_;
    SetBackWatch set_back_{ports_.clock, ports_.wakes.budgets};
    Complaint complaint_{ports_.journal};
    /// By queue, as of the last look at each.
    std::map<std::string, Waits> waits_;
};

}  // namespace batchd::engine
