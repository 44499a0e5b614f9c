#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/async/task_group.hpp"
#include "base/async/wake.hpp"
#include "engine/account/account_stages.hpp"
#include "engine/resources.hpp"

namespace batchd::engine {

/// The accounts that there are, each with stages of its own. They come and go with the configuration; one
/// that rows are left of, and that the configuration no longer has, is there as one that answers nobody.
class Accounts {
public:
    Accounts(const Resources& resources, std::vector<AccountAccess> configured);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    /// From now on these are configured. The stages of one whose settings or calls are other objects than
    /// before end and begin anew, as after a crash; the others go on.
    void replace(std::vector<AccountAccess> configured);

    /// There is an account of this name, for rows that go there: one that answers nobody where the
    /// configuration has none. Without, nobody would take them up, hold them, or end them with a cancel.
    void ensure(const std::string& name);

    /// The stages of this account; null where there is none, or they are just ending.
    AccountStages* find(const std::string& name);
    /// All that are at work.
    std::vector<AccountStages*> all() const;

private:
    /// A slot stays where it is for ever: its tasks hold a reference to it.
    struct Slot {
        explicit Slot(const boost::asio::any_io_executor& executor) : changed(executor) {}
        AccountAccess access;
        /// Null while those of before have ended and those that follow are not made.
        std::unique_ptr<AccountStages> stages;
        /// Raised where `access` is another one than the stages were made with.
        Wake changed;
    };

    void set(AccountAccess access);
    void add_left_over(std::vector<AccountAccess>& configured) const;
    boost::asio::awaitable<void> run_one(Slot& slot);
    /// The stages were made with what is configured now.
    static bool is_newest(const Slot& slot);
    boost::asio::awaitable<void> changed_and_drained(Slot& slot);

    const Resources resources_;
    std::map<std::string, Slot> slots_;
    /// That of run(), for accounts that come while it runs; null outside of it.
    TaskGroup* running_ = nullptr;
};

}  // namespace batchd::engine
