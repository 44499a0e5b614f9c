#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/account/accounts.hpp"
#include "engine/command/doubt_commands.hpp"
#include "engine/command/retry_input.hpp"
#include "engine/deliver/deliverer.hpp"
#include "engine/plan/planner.hpp"
#include "engine/record/journal.hpp"
#include "engine/release/releaser.hpp"
#include "engine/stage/worker.hpp"
#include "engine/wakes.hpp"
#include "spool/inbox/inbox_watcher.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Does what people ask for in the table `commands`, and writes into it what came of it. A cancel is done
/// once it is on record with the job: the other stages find it there. A retry is done once the new job is.
///
/// Other processes write into the table. The kernel tells of each write to the database's log; what it does
/// not see, is found whenever the inbox is scanned.
class Commander {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        const spool::Layout& layout;
        store::Store& store;
        Clock& clock;
        boost::asio::thread_pool& pool;
        Journal& journal;
        Wakes& wakes;
        spool::InboxWatches& watches;
    };

    Commander(const Ports& ports, Planner& planner, Accounts& accounts, Releaser& releaser,
              Deliverer& deliverer);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    using Step = boost::asio::awaitable<Progress>;
    using Outcome = store::Commands::Outcome;

    /// From here on a wake is raised whenever the database's log file is written to, where the kernel tells.
    void watch();
    /// Looks into the table once the commit that was heard of can be seen.
    boost::asio::awaitable<void> look_when_written();
    /// One command. Its outcome is committed together with what it did, so that none is obeyed twice.
    Step obey(std::int64_t id);
    Progress cancel(const store::Command& command, const store::Job& job);
    /// Puts the cancel on record. A job that waits for no batch of its own goes to the deliverer at once.
    /// Part of the caller's transaction.
    Result<void> ask_to_cancel(const store::Job& job);
    /// By value, as all that is used behind a `co_await`.
    Step release(store::Command command);
    Step decide(store::Command command, store::Job job);
    Step retry(store::Command command, store::Job job);
    /// The key of the job that a retry makes: the one that was chosen, or else the one to choose.
    Result<std::string> key_for_retry(const store::Command& command, const store::Job& job);
    /// Why the failed requests of `job` are not sent again under `key`; nothing: they may be. `begun` is the
    /// key under which this command has written files already, or "". All three outlive the call.
    boost::asio::awaitable<Result<std::optional<std::string>>> why_not_again(const store::Job& job,
                                                                             const std::string& key,
                                                                             const std::string& begun);
    /// What a try before has written is removed, and the command ends.
    Step refuse_retry(store::Command command, store::Job job, Outcome outcome);
    /// The new job, whose input is in work/ already, with the end of the command in one commit.
    Progress add_retry(const store::Command& command, const store::Job& job, const Terms& terms,
                       const RetryInput& input);
    /// Of a command that is about no job that is there.
    Progress end(const store::Command& command, const Outcome& outcome);
    /// Something was asked for and has come to its end: who waits for it looks.
    void tell_of_outcome();
    /// Part of the caller's transaction.
    Result<void> record(const store::Command& command, const store::Job& job, const Outcome& outcome);

    const Ports ports_;
    Planner& planner_;
    Accounts& accounts_;
    Releaser& releaser_;
    Deliverer& deliverer_;
    DoubtCommands doubts_;
    Worker worker_;
    std::optional<spool::InboxWatcher> watcher_;
};

}  // namespace batchd::engine
