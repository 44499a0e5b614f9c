#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async/wake.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "config/settings.hpp"
#include "engine/account/account_stages.hpp"
#include "engine/record/journal.hpp"
#include "engine/single_run.hpp"
#include "engine/wakes.hpp"
#include "provider/account.hpp"

namespace batchd {

/// The accounts of the configuration and their keys: made at the start, made anew where a reload changed
/// them, and asked for keys while there is something wrong with one. I/O thread only.
class ProviderAccounts {
public:
    ProviderAccounts(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool, Clock& clock,
                     Log& log)
        : executor_(std::move(executor)), pool_(pool), clock_(clock), log_(log), trouble_(executor_) {}

    /// Whom it is told to that one is closed or open. Before anything else.
    void tell(engine::Journal& journal, engine::Wakes& wakes) {
        journal_ = &journal;
        wakes_ = &wakes;
    }
    /// Those of `settings`; the ones that have not changed stay as they are. Errors: what is wrong with one;
    /// all stay as they were then.
    Result<void> replace(const config::Settings& settings);
    /// The accounts as the engine takes them.
    std::vector<engine::AccountAccess> access() const;
    /// Looks for the key of each. What is wrong with one is said once.
    void read_keys();

    /// Begins no more of the providers' own work, and returns when what is under way has ended, of those that
    /// a reload has replaced as well.
    boost::asio::awaitable<void> drain();
    /// Answers that are paid for and not on our disk yet, of all of them.
    std::uint64_t unsaved() const;

    /// Looks for keys while there is something wrong with one. Runs until cancelled.
    boost::asio::awaitable<void> look_for_keys();
    /// Returns when there is something wrong with the key of each account: nothing can go on then.
    boost::asio::awaitable<void> until_none_works();
    /// Where there is something wrong with the key of each: what, of the first.
    std::optional<std::string> why_none_works() const;
    /// Why nothing goes on at this account before somebody acts; nothing where it does. One that is not
    /// configured is closed.
    std::optional<engine::Closed> why_closed(const std::string& name) const;
    std::vector<store::Condition> conditions() const;

private:
    /// Shared, for work that is under way at an account outlives its place in the table.
    struct Entry {
        std::shared_ptr<provider::Account> account;
        std::string complaint;   // why there is no key, as it was said
        std::string key_origin;  // where the key in use is from, for people
    };

    /// With its own connections, pace and gate, and without a key as yet.
    Result<std::shared_ptr<provider::Account>> make(const std::string& name, const config::Provider& settings,
                                                    const config::Settings& all);
    /// A key that is as it was changes nothing.
    void read_key(Entry& entry);
    /// There is no key, or the provider does not take it.
    static bool is_in_trouble(const Entry& entry);
    bool any_in_trouble() const;
    /// For people: the reason, and of a refused key where it is from, so that they know which one to replace.
    std::string told(const std::string& name, const provider::GateChange& change) const;
    /// The gate of that account has closed or opened: people are told, and the stages woken.
    void changed(const std::string& name, const provider::GateChange& change);

    boost::asio::any_io_executor executor_;
    boost::asio::thread_pool& pool_;
    Clock& clock_;
    Log& log_;
    engine::Journal* journal_ = nullptr;
    engine::Wakes* wakes_ = nullptr;
    /// Those that a reload has replaced or removed and that somebody still works with.
    std::vector<std::shared_ptr<provider::Account>> leaving() const;
    /// Those of `entries_` and `leaving()`.
    std::vector<std::shared_ptr<provider::Account>> all() const;

    std::map<std::string, Entry> entries_;
    std::vector<std::weak_ptr<provider::Account>> leaving_;
    /// As they were taken over last: what has not changed in them is not made anew.
    config::Settings settings_;
    Wake trouble_;
};

}  // namespace batchd
