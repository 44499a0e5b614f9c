#include <csignal>
#include <cstdio>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "check_file.hpp"
#include "commands.hpp"
#include "control/client.hpp"
#include "control/job_command.hpp"
#include "engine/collect/bill/charges.hpp"
#include "engine/queue/queue_folders.hpp"
#include "open_state.hpp"
#include "server/server.hpp"
#include "service_manager.hpp"
#include "spool/drop/inbox_drop.hpp"
#include "spool/state_lock.hpp"
#include "web/site.hpp"
#include "web_link.hpp"
#include "web_listeners.hpp"

namespace batchd {
namespace {

namespace asio = boost::asio;

constexpr Millis kAnswerPatience = std::chrono::seconds(40);
constexpr unsigned kPoolThreads = 4;

/// A command by the control socket, as anybody in its group gives it.
Result<web::Asked> ask_daemon(const config::Settings& settings, store::Verb verb, store::JobId job) {
    const auto daemon = spool::StateLock::look(spool::Layout{settings.state.directory}.lock());
    if (!daemon) return within("whether the daemon runs is not known", daemon.error());
    if (!*daemon) return error(Errc::not_found, "the daemon does not run, and takes commands while it does");
    auto connection = control::connect(settings.control.socket, static_cast<pid_t>(**daemon));
    if (!connection) return connection.error();
    const auto reply =
        control::post(std::move(*connection), control::job_command_path({verb, job}), "", kAnswerPatience);
    if (!reply) return reply.error();
    return web::Asked{reply->ok, reply->sentence};
}

web::Ports make_ports(const config::Settings& settings) {
    return {
        .open_state =
            [layout = spool::Layout{settings.state.directory}] {
                return open_state(layout, store::OpenMode::watcher);
            },
        .check =
            [&settings, prices = std::make_shared<money::Prices>()](const std::string& name, const Path& file,
                                                                    const std::string& queue) {
                auto plan = engine::plan_offline(file, engine::terms_of(settings, queue));
                const auto look = prices->look(engine::price_sources(settings));
                return check_file(name, Path(name), std::move(plan), settings, *look.book);
            },
        .ask = [&settings](store::Verb verb, store::JobId job) { return ask_daemon(settings, verb, job); }};
}

/// The page, and all that it stands on.
class WebServer {
public:
    WebServer(const config::Settings& settings, WebListeners listeners, std::string token)
        : listeners_(std::move(listeners)),
          room_{settings,
                make_ports(settings),
                web::Access(std::move(token)),
                web::StateReader(spool::Layout{settings.state.directory}.database(),
                                 make_ports(settings).open_state),
                BATCHD_VERSION,
                *clock_,
                pool_},
          site_(room_) {}

    void run() {
        std::exception_ptr failure;
        asio::co_spawn(context_, serve(), [&](std::exception_ptr error) { failure = error; });
        context_.run();
        pool_.join();
        if (failure) std::rethrow_exception(failure);
    }

private:
    asio::awaitable<void> serve() {
        TaskGroup tasks(context_.get_executor());
        server::Server server(context_.get_executor(), site_, *clock_, web::page_limits());
        tasks.spawn(server.run(std::move(listeners_.sockets)));
        tasks.spawn(site_.run());
        tasks.spawn(end_on_signal(tasks));
        service_.ready();
        co_await tasks.join();
    }

    asio::awaitable<void> end_on_signal(TaskGroup& tasks) {
        co_await signals_.async_wait(asio::use_awaitable);
        service_.stopping();
        // Clients are not waited for: what they sent whole is in the inbox, and the rest they send again.
        tasks.cancel();
    }

    WebListeners listeners_;
    asio::io_context context_{1};
    asio::thread_pool pool_{kPoolThreads};
    std::unique_ptr<Clock> clock_ = make_system_clock();
    ServiceManager service_;
    asio::signal_set signals_{context_, SIGTERM, SIGINT};
    web::Room room_;
    web::Site site_;
};

Result<ExitCode> print_link(const config::Web& settings) {
    const auto link = read_link_file(settings);
    if (!link) return link.error();
    std::printf("%s\n", link->c_str());
    return kExitFine;
}

Result<ExitCode> run_page(const config::Settings& settings) {
    auto token = web::make_token();
    if (!token) return token.error();
    auto listeners = open_web_listeners(settings.web);
    if (!listeners) return listeners.error();
    // The daemon does it as well, and need not run. An inbox that is not there yet has nothing left in it.
    const TimePoint now = make_system_clock()->now();
    static_cast<void>(spool::remove_left_drops(settings.spool.inbox, now));
    for (const auto& [queue, rules] : settings.queues)
        static_cast<void>(spool::remove_left_drops(engine::folders_of(settings.spool, queue).inbox, now));
    const std::string link = link_text(settings.web, *token);
    const auto file = LinkFile::write(settings.web, link);
    if (!file)
        std::fprintf(stderr, "batchd: `batchd web --link` will not know the link: %s\n",
                     to_string(file.error()).c_str());
    // Not into the journal, which more people may read than may use the page.
    if (!ServiceManager::logs_to_journal()) std::printf("%s\n", link.c_str());
    std::fflush(stdout);
    WebServer(settings, std::move(*listeners), std::move(*token)).run();
    return kExitFine;
}

}  // namespace

ExitCode serve_web(const WebCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto code = command.link ? print_link(loaded->settings.web) : run_page(loaded->settings);
    return code ? *code : fail(code.error());
}

}  // namespace batchd
