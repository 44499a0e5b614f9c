#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async/task_group.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "config/load.hpp"
#include "control/control_api.hpp"
#include "daemon/host/control_socket.hpp"
#include "daemon/host/service_manager.hpp"
#include "daemon/run/metrics_file.hpp"
#include "daemon/run/provider_accounts.hpp"
#include "engine/intake/intake.hpp"
#include "engine/notify/notifier.hpp"
#include "engine/pipeline.hpp"
#include "engine/record/condition_keeper.hpp"
#include "server/server.hpp"
#include "spool/state/state_lock.hpp"

namespace batchd {

/// The running daemon: everything that main wires together, and the tasks that are not stages: signals,
/// reload, the status line and the watchdog.
class Daemon {
public:
    /// Makes the folders, takes the lock, opens the state. Errors: what can't be done, for people.
    static Result<std::unique_ptr<Daemon>> make(config::Loaded loaded, std::optional<Path> config_file,
                                                engine::Intake::Mode mode);
    ~Daemon();

    /// Runs until a signal says stop or, with Mode::once, until all is done. True: no job failed, was
    /// rejected or cancelled and, with Mode::once, the inbox could be read. Errors: the database is damaged,
    /// and nothing was done; with Mode::once, that only a person can make it go on.
    Result<bool> run();

private:
    /// More than processors, for most of them wait for the disk: the lane of small files alone has twelve
    /// places.
    static constexpr std::size_t kPoolThreads = 16;

    /// Does nothing that can fail: that is prepare()'s and connect()'s.
    Daemon(config::Loaded loaded, std::optional<Path> config_file, engine::Intake::Mode mode);
    /// Folders, lock and database.
    Result<void> prepare();
    /// Work of jobs that the database does not know shows that it was lost or put back from a backup. One
    /// that knows no job at all is an error; of any other the number is kept, to be said.
    Result<void> expect_known_work();
    /// The provider, the gate before it, and the stages.
    Result<void> connect();
    /// The control socket. Only where it was set expressly does it keep the daemon from starting.
    Result<void> listen(const config::Loaded& loaded);

    /// All stages, once the database was found sound; its end is the end of all tasks.
    boost::asio::awaitable<void> run_pipeline(TaskGroup& tasks);
    /// With Mode::once: the run tells how it ended, where that can be told, and ends then.
    boost::asio::awaitable<void> end_when_told(TaskGroup& tasks);
    /// SIGHUP reads the configuration again, SIGTERM and SIGINT end the daemon.
    boost::asio::awaitable<void> obey_signals(TaskGroup& tasks);
    /// What is wrong with the prices is said at the start and at a reload, not only when they are needed.
    boost::asio::awaitable<void> look_at_prices();
    /// The status line of the service and the table `conditions`, whenever they change.
    boost::asio::awaitable<void> tell_status();
    /// What keeps work from going on and needs a person, as of now.
    std::vector<store::Condition> conditions() const;
    /// The same in one line, for `systemctl status`.
    std::string status_line(const std::vector<store::Condition>& now) const;
    /// With Mode::once: ends the run when the key is refused or gone.
    boost::asio::awaitable<void> give_up_when_refused(TaskGroup& tasks);
    /// From the I/O thread itself: what shows life is that this thread still comes round.
    boost::asio::awaitable<void> feed_watchdog(Millis interval);
    /// People's commands, as they come in by the control socket.
    boost::asio::awaitable<void> serve_control();
    /// Takes over what a running daemon can, and says what it can't. A file with a mistake changes nothing.
    void reload();
    /// Only what is read anew at each use; what was built from a setting needs a restart.
    void take_over(const config::Settings& settings);
    /// They are no reason to stop: the other queues can work.
    void say_folder_failures();
    /// With Mode::once: what only a person can mend; nothing where all is done.
    std::optional<std::string> why_once_is_over() const;
    /// What is at the provider goes on there, and is found again at the next start.
    boost::asio::awaitable<void> stop(TaskGroup& tasks);

    /// The order of the members is that in which they need each other.
    config::Settings settings_;
    std::optional<Path> config_file_;
    engine::Intake::Mode mode_;
    ServiceManager service_;
    Log log_;
    boost::asio::io_context context_{1};
    boost::asio::thread_pool pool_{kPoolThreads};
    std::unique_ptr<Clock> clock_ = make_system_clock();
    spool::Layout layout_;
    std::optional<spool::StateLock> lock_;
    std::unique_ptr<store::Store> store_;
    ProviderAccounts accounts_{context_.get_executor(), pool_, *clock_, log_};
    std::vector<Error> folder_failures_;   // of folders of queues that could not be made
    std::string configuration_complaint_;  // why the file was not taken over at the last reload
    money::Prices prices_;
    std::optional<engine::Wakes> wakes_;
    std::optional<engine::Journal> journal_;
    std::optional<engine::Pipeline> pipeline_;
    std::optional<engine::HttpSender> sender_;
    std::optional<engine::Notifier> notifier_;
    std::optional<MetricsFile> metrics_file_;
    std::optional<ControlSocket> control_socket_;
    std::optional<control::ControlApi> control_api_;
    boost::asio::signal_set signals_{context_};
    std::uint64_t delivered_since_ = 0;  // jobs that an old copy of the database took for open
    std::size_t unknown_work_ = 0;       // jobs in work/ that the database does not know
    bool stopping_ = false;
    bool is_through_ = false;  // a single run came to its end by itself
    Result<void> sound_{};     // the database, as far as it is known
};

}  // namespace batchd
