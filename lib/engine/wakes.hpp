#pragma once

#include <map>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/async/wake.hpp"
#include "base/async/wake_line.hpp"

namespace batchd::engine {

/// One wake a stage of an account.
struct AccountWakes {
    explicit AccountWakes(const boost::asio::any_io_executor& executor)
        : submitter(executor),
          poller(executor),
          canceller(executor),
          deadline(executor),
          cancel_patience(executor),
          twins(executor),
          collector(executor),
          cleaner(executor),
          bundle_cleaner(executor),
          sweeper(executor) {}

    Wake submitter;
    Wake poller;
    Wake canceller;
    Wake deadline;
    Wake cancel_patience;
    Wake twins;
    Wake collector;
    Wake cleaner;
    Wake bundle_cleaner;
    Wake sweeper;
};

/// One wake a stage. A stage that has committed a row into another one's states raises that one's wake;
/// nothing is handed over but the hint, for the rows are in the database.
class Wakes {
public:
    explicit Wakes(const boost::asio::any_io_executor& executor)
        : planner(executor),
          deliverer(executor),
          releaser(executor),
          budgets(executor),
          commander(executor),
          commands_written(executor),
          observer(executor),
          finisher(executor),
          executor_(executor) {}

    /// Something happened that shows: for whoever tells the status, waits for the end, or keeps the budgets.
    void progressed() {
        observer.raise();
        finisher.raise();
        budgets.raise();
    }
    /// Those of the account of this name, whether it is configured or not. They stay where they are.
    AccountWakes& of(const std::string& account) {
        return accounts_.try_emplace(account, executor_).first->second;
    }

    const boost::asio::any_io_executor& executor() const { return executor_; }

    Wake planner;
    Wake deliverer;
    Wake releaser;
    Wake budgets;
    Wake commander;
    Wake commands_written;  ///< somebody may have written into the database
    WakeLine command_done;  ///< for those who wait for what becomes of a command
    Wake observer;
    Wake finisher;
    WakeLine
        alive;  ///< a provider was asked with success, or a job has ended: for those who tell that we live

private:
    boost::asio::any_io_executor executor_;
    std::map<std::string, AccountWakes> accounts_;
};

}  // namespace batchd::engine
