#include "daemon/run/daemon.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/async/run_blocking.hpp"
#include "base/async/run_until.hpp"
#include "config/keys/keys.hpp"
#include "config/print.hpp"
#include "config/warnings.hpp"
#include "daemon/configuration/configuration_checks.hpp"
#include "daemon/configuration/reloaded_keys.hpp"
#include "daemon/console/exit_code.hpp"
#include "daemon/host/folders.hpp"
#include "daemon/state/open_state.hpp"
#include "engine/bill/charges.hpp"
#include "engine/bundle/known_bundles.hpp"
#include "engine/recover/delivered_jobs.hpp"
#include "engine/recover/recovery.hpp"
#include "spool/state/state_identity.hpp"

namespace batchd {

namespace asio = boost::asio;
using engine::EventKind;

namespace {

constexpr unsigned kStopSeconds = 4;  // we promise five
/// Of these, for answers that are about to come.
constexpr Millis kDrainTime = std::chrono::milliseconds(2500);
/// Of a single run, at its end: one message is told at once, the next a minute later.
constexpr Millis kTellTime = std::chrono::seconds(90);

/// What is left when the pool is in the middle of gigabytes: leave as a crash would. The next start goes on
/// from there.
void leave_at_once(int) {
    _exit(0);
}

/// Of a single run: whoever started it must not go on as if the answers were there.
void leave_unfinished(int) {
    _exit(kExitFailed);
}

Error gives_up(const std::string& why) {
    return error(Errc::not_found, "run --once gives up: " + why);
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::make(config::Loaded loaded, std::optional<Path> config_file,
                                             engine::Intake::Mode mode) {
    std::unique_ptr<Daemon> daemon(new Daemon(loaded, std::move(config_file), mode));
    if (auto prepared = daemon->prepare(); !prepared) return prepared.error();
    if (auto connected = daemon->connect(); !connected) return connected.error();
    if (auto listens = daemon->listen(loaded); !listens) return listens.error();
    return daemon;
}

Daemon::Daemon(config::Loaded loaded, std::optional<Path> config_file, engine::Intake::Mode mode)
    : settings_(std::move(loaded.settings)),
      config_file_(std::move(config_file)),
      mode_(mode),
      log_(settings_.log.level,
           ServiceManager::logs_to_journal() ? Log::Format::journal : Log::Format::terminal),
      layout_{settings_.state.directory} {}

Daemon::~Daemon() {
    // What runs in the pool refers to members of this object, so it ends before they do.
    pool_.join();
}

Result<void> Daemon::prepare() {
    std::signal(SIGPIPE, SIG_IGN);  // who reads our log may go away; we don't
    // Before the lock, which is a file in one of them.
    if (auto made = make_folders(settings_.spool, layout_); !made) return made;
    // Said once there is a log; the other queues and the inbox go on without it.
    folder_failures_ = make_queue_folders(settings_);
    // Before the database is touched: it may be another daemon's.
    auto lock = spool::StateLock::acquire(layout_.lock());
    if (!lock) return lock.error();
    lock_.emplace(std::move(*lock));
    // Looked at first: SQLite makes a database that is missing or empty, and clears away what is left of it.
    const auto there = has_database(layout_);
    if (!there) return there.error();
    // Without a database, work that lies there is what tells a first start from a loss.
    const auto at_work = *there ? Result<std::vector<std::string>>() : engine::jobs_at_work(layout_);
    if (!at_work) return at_work.error();
    if (!at_work->empty()) return database_is_lost(layout_, at_work->size());
    auto store = store::open_store(layout_.database(), store::OpenMode::read_write);
    if (!store) return store.error();
    store_ = std::move(*store);
    if (auto identity = spool::read_or_make_state_identity(layout_.identity(), clock_->now()); !identity)
        return identity.error();
    return expect_known_work();
}

/// Jobs that the database does not know would neither go on nor be missed by anybody.
Result<void> Daemon::expect_known_work() {
    // A database that was put back from a backup, or made anew, knows less than the folders beside it.
    const auto added = store_->database.transact([&]() -> Result<void> {
        const auto bundles = engine::add_unknown_bundles(layout_, *store_, clock_->now());
        if (!bundles) return bundles.error();
        const auto ended = engine::end_delivered_jobs(layout_, settings_, *store_, clock_->now());
        if (!ended) return ended.error();
        delivered_since_ = *ended;
        return {};
    });
    if (!added) return added;
    const auto unknown = engine::unknown_work(layout_, *store_);
    if (!unknown) return unknown.error();
    if (unknown->empty()) return {};
    const auto known = store_->jobs.count_all();
    if (!known) return known.error();
    // One that knows some of them is used: those go on, and the rest is said.
    if (*known == 0) return database_is_lost(layout_, unknown->size());
    unknown_work_ = unknown->size();
    return {};
}

Result<void> Daemon::connect() {
    const auto executor = context_.get_executor();
    wakes_.emplace(executor);
    journal_.emplace(*store_, log_, *clock_, wakes_->observer);
    accounts_.tell(*journal_, *wakes_);
    if (auto made = accounts_.replace(settings_); !made) return made;
    const engine::Resources resources{settings_, layout_,   *store_, *clock_,
                                      pool_,     *journal_, *wakes_, prices_};
    pipeline_.emplace(resources, mode_, accounts_.access(),
                      [this](const std::string& account) { return accounts_.why_closed(account); });
    sender_.emplace(executor, pool_, *clock_, log_, config::system_environment());
    notifier_.emplace(engine::Notifier::Ports{settings_, *store_, *clock_, *journal_, *wakes_}, *sender_);
    metrics_file_.emplace(executor, settings_, *clock_, pool_, *journal_);
    // Any other trouble with the inbox may pass, and is said while we run.
    // Two daemons on one inbox would each take some of the files, which is never what somebody wanted. Here
    // and not in the pipeline, so that a second daemon ends before it has said that it runs.
    auto owned = pipeline_->own_inbox();
    return owned || owned.error().code != Errc::locked ? Result<void>() : owned;
}

Result<void> Daemon::listen(const config::Loaded& loaded) {
    auto socket = open_control_socket(loaded);
    if (!socket) return socket.error();
    control_socket_.emplace(std::move(*socket));
    control_api_.emplace(*store_, *wakes_, *clock_, pool_, *journal_, *notifier_, settings_.state.directory);
    return {};
}

asio::awaitable<void> Daemon::serve_control() {
    server::Server server(context_.get_executor(), *control_api_, *clock_, {});
    std::vector<UniqueFd> listeners;
    listeners.push_back(control_socket_->listener->share());
    co_await server.run(std::move(listeners));
}

Result<bool> Daemon::run() {
    // Before anybody can know that we run: a SIGHUP that is not caught would end us.
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) signals_.add(number);
    journal_->note(EventKind::started, "batchd " BATCHD_VERSION ", provider " + settings_.provider.base_url +
                                           ", inbox " + settings_.spool.inbox.string());
    if (delivered_since_ > 0)
        journal_->note(EventKind::recovered,
                       count_of(delivered_since_, "job", "jobs") +
                           " that this copy of the database takes for open had been delivered since: "
                           "recorded as their folders tell");
    if (unknown_work_ > 0)
        journal_->note(EventKind::work_unknown,
                       with_commas(unknown_work_) + " in " + layout_.work_root().string());
    // What held when the last run ended is found out anew, but for what waits for a person. Where this can't
    // be written, the keeper of the conditions makes up for it.
    (void)store_->conditions.clear_all_but("held");
    for (const std::string& warning : config::warnings(settings_))
        journal_->warn(EventKind::configuration, warning);
    say_folder_failures();
    if (!control_socket_->complaint.empty())
        journal_->warn(EventKind::configuration, control_socket_->complaint);
    accounts_.read_keys();
    if (const auto why = accounts_.why_none_works(); mode_ == engine::Intake::Mode::once && why)
        return gives_up(*why);
    std::exception_ptr failure;
    auto all = [&]() -> asio::awaitable<void> {
        TaskGroup tasks(context_.get_executor());
        tasks.spawn(obey_signals(tasks));
        tasks.spawn(run_pipeline(tasks));
        tasks.spawn(tell_status());
        tasks.spawn(look_at_prices());
        tasks.spawn(metrics_file_->run());
        if (mode_ == engine::Intake::Mode::once)
            // Nobody waits beside a single run to mend its key; whoever started it is told by the exit code.
            tasks.spawn(give_up_when_refused(tasks));
        else
            tasks.spawn(accounts_.look_for_keys());
        if (control_socket_->listener) tasks.spawn(serve_control());
        if (const auto interval = service_.watchdog_interval()) tasks.spawn(feed_watchdog(*interval));
        service_.ready();
        co_await tasks.join();
    };
    asio::co_spawn(context_, all(), [&](std::exception_ptr error) { failure = error; });
    context_.run();
    if (failure) std::rethrow_exception(failure);
    if (!sound_) return sound_.error();
    journal_->note(EventKind::stopped, "");
    if (const auto why = why_once_is_over(); mode_ == engine::Intake::Mode::once && why)
        return gives_up(*why);
    if (mode_ == engine::Intake::Mode::once && !is_through_)
        return gives_up(
            "it was stopped before all was done; what is on its way is collected by the next run");
    // Of an inbox that can't be read nobody knows what is in it: "all done" would be a guess.
    const bool has_seen_all =
        mode_ != engine::Intake::Mode::once || journal_->count(EventKind::inbox_gone) == 0;
    return has_seen_all && journal_->count(EventKind::job_failed) + journal_->count(EventKind::job_rejected) +
                                   journal_->count(EventKind::job_cancelled) ==
                               0;
}

std::optional<std::string> Daemon::why_once_is_over() const {
    const auto given_up = pipeline_->given_up();
    return given_up ? given_up : accounts_.why_none_works();
}

asio::awaitable<void> Daemon::run_pipeline(TaskGroup& tasks) {
    // A start does not wait for the check of a large database, but no stage works on one that is damaged.
    const Path database = layout_.database();
    // In the pool, so that the signals and the watchdog are served meanwhile.
    sound_ = co_await run_blocking(pool_, [&] { return store::Database::check(database); });
    if (sound_) {
        tasks.spawn(notifier_->run());
        co_await pipeline_->run();
        is_through_ = !stopping_;
    }
    // A task of its own, which does not begin after a stop: the pipeline has used that cancellation up, and
    // those who tell are gone already.
    if (sound_ && mode_ == engine::Intake::Mode::once)
        tasks.spawn(end_when_told(tasks));
    else
        tasks.cancel();
}

asio::awaitable<void> Daemon::end_when_told(TaskGroup& tasks) {
    co_await run_within(*clock_, kTellTime, notifier_->until_idle());
    tasks.cancel();
}

asio::awaitable<void> Daemon::obey_signals(TaskGroup& tasks) {
    for (;;) {
        const int number = co_await signals_.async_wait(asio::use_awaitable);
        if (number == SIGHUP)
            reload();
        else
            co_await stop(tasks);
        if (stopping_) co_return;
        co_await look_at_prices();
    }
}

asio::awaitable<void> Daemon::look_at_prices() {
    const money::PriceSources sources = engine::price_sources(settings_);
    auto look = co_await run_blocking(pool_, [&] { return prices_.look(sources); });
    for (const std::string& complaint : look.complaints) journal_->note(EventKind::prices, complaint);
}

asio::awaitable<void> Daemon::stop(TaskGroup& tasks) {
    stopping_ = true;
    service_.stopping();
    // From here on signals are not for coroutines, which may be what does not come to an end.
    signals_.clear();
    // A second signal, or too long a drain, ends us where we are: a crash is a case that we are built for.
    const auto leave = mode_ == engine::Intake::Mode::once ? leave_unfinished : leave_at_once;
    for (const int number : {SIGTERM, SIGINT, SIGALRM}) std::signal(number, leave);
    alarm(kStopSeconds);
    // Requests that are sent one by one are paid for whether anybody waits for their answers or not.
    co_await run_within(*clock_, kDrainTime, accounts_.drain());
    if (const std::uint64_t unsaved = accounts_.unsaved(); unsaved > 0)
        journal_->warn(EventKind::requests_repeated,
                       "the disk does not take " + count_of(unsaved, "answer", "answers") +
                           " before the stop: what is not on it in a moment is asked for again");
    tasks.cancel();
}

void Daemon::reload() {
    service_.reloading();
    auto loaded = config::load(config_file_, config::system_environment(), configuration_checks());
    configuration_complaint_.clear();
    if (loaded) {
        take_over(loaded->settings);
    } else {
        for (const config::Problem& problem : loaded.error()) {
            // Of the present people are told the first problem; the log has all of them.
            if (configuration_complaint_.empty()) configuration_complaint_ = config::to_string(problem);
            journal_->warn(EventKind::configuration, "not taken over: " + config::to_string(problem));
        }
    }
    accounts_.read_keys();
    service_.ready();
}

void Daemon::take_over(const config::Settings& settings) {
    std::string restart;
    for (const std::string& key : config::changed_keys(settings_, settings))
        if (!can_change(key)) restart += " " + key;
    // What waits for a restart stays as it is for everybody: an account that was made with the folder of the
    // next start would not find the runs of this one.
    config::Settings now = settings_;
    take_over_keys(now, settings);
    // First what may fail: nothing is taken over by halves.
    auto can_be = expect_free_folders(now);
    if (can_be) can_be = accounts_.replace(now);
    if (!can_be) {
        configuration_complaint_ = to_string(can_be.error());
        journal_->warn(EventKind::configuration, "not taken over: " + configuration_complaint_);
        return;
    }
    const auto queues_before = settings_.queues;
    take_over_keys(settings_, settings);
    log_.set_level(settings_.log.level);
    pipeline_->replace_accounts(accounts_.access());
    folder_failures_ = make_queue_folders(settings_, queues_before);
    say_folder_failures();
    pipeline_->replace_queues();
    notifier_->replace();
    metrics_file_->take_over();
    journal_->note(EventKind::configuration, restart.empty() ? "read again"
                                                             : "read again; these change at the next start "
                                                               "only:" +
                                                                   restart);
}

void Daemon::say_folder_failures() {
    for (const Error& failure : folder_failures_)
        journal_->warn(EventKind::configuration, to_string(failure));
}

asio::awaitable<void> Daemon::give_up_when_refused(TaskGroup& tasks) {
    co_await accounts_.until_none_works();
    tasks.cancel();
}

}  // namespace batchd
