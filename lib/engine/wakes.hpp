#pragma once

#include <cstdint>
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

    /// A batch may be sent: it was planned, its turn may have come, or there is room for more tokens.
    Wake submitter;
    /// There is something in flight, or another interval.
    Wake poller;
    /// A cancel is on record with a batch that is at the provider, or a deadline is over.
    Wake canceller;
    /// A batch has got a deadline.
    Wake deadline;
    /// There may be another moment at which a cancel has waited for long enough.
    Wake cancel_patience;
    /// There is a create after which the listings are to be watched.
    Wake twins;
    /// A batch has ended, or was given up.
    Wake collector;
    /// A job has ended.
    Wake cleaner;
    /// A job is done with a batch that it shared: it may have been the last.
    Wake bundle_cleaner;
    /// There is a file at the provider that nothing uses any more.
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

    /// A file was claimed, or came into its work directory.
    Wake planner;
    /// A job waits for nothing but its delivery.
    Wake deliverer;
    /// What waits in the queues has changed, or their rules.
    Wake releaser;
    /// What may let something go for which there was no money: an answer, a release, the configuration.
    Wake budgets;
    /// There are commands in the table, as far as anybody has seen.
    Wake commander;
    Wake commands_written;  ///< somebody may have written into the database
    WakeLine command_done;  ///< for those who wait for what becomes of a command
    /// What status shows may have changed.
    Wake observer;
    /// A single run may be over.
    Wake finisher;
    /// How many files were deleted at providers: by it a single run sees that the cleaning goes on.
    std::uint64_t deletions = 0;
    WakeLine
        alive;  ///< a provider was asked with success, or a job has ended: for those who tell that we live

private:
    boost::asio::any_io_executor executor_;
    std::map<std::string, AccountWakes> accounts_;
};

}  // namespace batchd::engine
