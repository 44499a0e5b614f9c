#include "daemon/web/web_command.hpp"

#include <csignal>
#include <cstdio>
#include <memory>
#include <mutex>

#include <malloc.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "config/warnings.hpp"
#include "control/client.hpp"
#include "control/job_command.hpp"
#include "control/peer/spoken_for.hpp"
#include "daemon/check/check_file.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/host/service_manager.hpp"
#include "daemon/state/open_state.hpp"
#include "daemon/web/web_link.hpp"
#include "daemon/web/web_listeners.hpp"
#include "daemon/web/web_places.hpp"
#include "engine/bill/charges.hpp"
#include "engine/queue/queue_folders.hpp"
#include "server/server.hpp"
#include "spool/state/state_lock.hpp"
#include "spool/submit/inbox_drop.hpp"
#include "web/command/ask_daemon.hpp"
#include "web/site.hpp"

namespace batchd {
namespace {

namespace asio = boost::asio;

constexpr Millis kCommandPatience = std::chrono::seconds(40);
constexpr unsigned kPoolThreads = 4;

/// A command by the control socket, as anybody in its group gives it.
Result<web::CommandReply> ask_daemon(const config::Settings& settings, store::Verb verb, store::JobId job,
                                     const std::string& user) {
    const auto daemon = spool::StateLock::look(spool::Layout{settings.state.directory}.lock());
    if (!daemon) return within("whether the daemon runs is not known", daemon.error());
    if (!*daemon) return error(Errc::not_found, "the daemon does not run, and takes commands while it does");
    auto connection = control::connect(settings.control.socket, static_cast<pid_t>(**daemon));
    if (!connection) return connection.error();
    std::string path = control::job_command_path({verb, job}) + control::spoken_for_query(user);
    const auto reply = control::post(std::move(*connection), {.path = std::move(path)}, kCommandPatience);
    if (!reply) return reply.error();
    return web::CommandReply{reply->ok, reply->sentence, reply->status};
}

void say(const std::string& what) {
    std::fprintf(stderr, "batchd: %s\n", printable(what).c_str());
}

/// The settings as they are now, for threads of the pools: a reload replaces them on another one.
class Current {
public:
    explicit Current(config::Settings settings)
        : settings_(std::make_shared<const config::Settings>(std::move(settings))) {}
    std::shared_ptr<const config::Settings> get() const {
        const std::lock_guard lock(mutex_);
        return settings_;
    }
    void set(config::Settings settings) {
        auto next = std::make_shared<const config::Settings>(std::move(settings));
        const std::lock_guard lock(mutex_);
        settings_.swap(next);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const config::Settings> settings_;
};

web::Ports make_ports(const Current& current) {
    return {
        .open_state =
            [layout = spool::Layout{current.get()->state.directory}] {
                return open_state(layout, store::OpenMode::watcher);
            },
        .check =
            [&current, prices = std::make_shared<money::Prices>()](const std::string& name, const Path& file,
                                                                   const std::string& queue) {
                const auto settings = current.get();
                const engine::Terms terms = engine::terms_of(*settings, queue);
                auto plan = engine::plan_offline(file, terms, engine::endpoints_of(*settings, terms));
                const auto look = prices->look(engine::price_sources(*settings));
                return check_file(name, Path(name), std::move(plan), *settings, *look.book);
            },
        .ask = [&current](store::Verb verb, store::JobId job,
                          const std::string& user) { return ask_daemon(*current.get(), verb, job, user); }};
}

/// The page, and all that it stands on.
class WebServer {
public:
    WebServer(config::Settings settings, std::optional<Path> config_file, WebListeners listeners,
              std::string token)
        : config_file_(std::move(config_file)),
          listeners_(std::move(listeners)),
          current_(settings),
          room_{settings,
                make_ports(current_),
                web::Access(std::move(token)),
                web::StateReader(spool::Layout{settings.state.directory}.database(),
                                 make_ports(current_).open_state),
                BATCHD_VERSION,
                *clock_,
                pool_,
                command_pool_},
          site_(room_) {}

    void run() {
        std::exception_ptr failure;
        asio::co_spawn(context_, serve(), [&](std::exception_ptr error) { failure = error; });
        context_.run();
        pool_.join();
        command_pool_.join();
        if (failure) std::rethrow_exception(failure);
    }

private:
    asio::awaitable<void> serve() {
        TaskGroup tasks(context_.get_executor());
        server::Server server(context_.get_executor(), site_, *clock_, web::page_limits());
        tasks.spawn(server.run(std::move(listeners_.sockets)));
        tasks.spawn(site_.run());
        tasks.spawn(end_on_signal(tasks));
        tasks.spawn(reload_on_signal());
        service_.ready();
        co_await tasks.join();
    }

    asio::awaitable<void> end_on_signal(TaskGroup& tasks) {
        co_await signals_.async_wait(asio::use_awaitable);
        service_.stopping();
        // Clients are not waited for: what they sent whole is in the inbox, and the rest they send again.
        tasks.cancel();
    }

    asio::awaitable<void> reload_on_signal() {
        for (;;) {
            co_await hangup_.async_wait(asio::use_awaitable);
            service_.reloading();
            reload();
            service_.ready();
        }
    }

    /// Whoever looks at the page meanwhile is not cut off: routes read the settings anew for each request.
    void reload() {
        auto loaded = load_configuration(config_file_);
        if (!loaded) return say("the configuration is not taken over");
        config::Settings& next = loaded->settings;
        if (const auto why = why_not_there(listeners_.places, next.web))
            return say("the configuration is not taken over: " + *why);
        const config::Settings& now = room_.settings;
        if (next.web.listen != now.web.listen || next.state.directory != now.state.directory)
            say("web.listen and state.directory are taken over when the page is started anew");
        next.web.listen = now.web.listen;
        next.state.directory = now.state.directory;
        current_.set(next);
        room_.settings = std::move(next);
        say("the configuration is taken over");
    }

    const std::optional<Path> config_file_;
    WebListeners listeners_;
    Current current_;
    asio::io_context context_{1};
    asio::thread_pool pool_{kPoolThreads};
    asio::thread_pool command_pool_{web::kCommandsMax};
    std::unique_ptr<Clock> clock_ = make_system_clock();
    ServiceManager service_;
    asio::signal_set signals_{context_, SIGTERM, SIGINT};
    asio::signal_set hangup_{context_, SIGHUP};
    web::Room room_;
    web::Site site_;
};

Result<ExitCode> print_link(const config::Web& settings) {
    const auto link = read_link_file(settings);
    if (!link) return link.error();
    std::printf("%s\n", link->c_str());
    return kExitFine;
}

/// The daemon does it as well, and need not run. An inbox that is not there yet has nothing left in it.
void remove_what_is_left(const config::Settings& settings) {
    const TimePoint now = make_system_clock()->now();
    static_cast<void>(spool::remove_left_drops(settings.spool.inbox, now));
    for (const auto& [queue, rules] : settings.queues)
        static_cast<void>(spool::remove_left_drops(engine::folders_of(settings.spool, queue).inbox, now));
}

Result<ExitCode> run_page(config::Loaded loaded, const std::optional<Path>& config_file) {
    const config::Settings& settings = loaded.settings;
    auto token = web::make_token();
    if (!token) return token.error();
    auto listeners = open_web_listeners(settings.web);
    if (!listeners) return listeners.error();
    if (const auto why = why_not_there(listeners->places, settings.web)) {
        say(*why);
        return kExitWrongConfiguration;
    }
    for (const std::string& warning : config::warnings(settings.web)) say(warning);
    if (listeners->are_inherited)
        if (const auto missing = what_is_missing(listeners->places, settings.web)) say(*missing);
    remove_what_is_left(settings);
    const std::string link = link_text(listeners->places, settings.web, *token);
    const auto file = LinkFile::write(settings.web, link);
    if (!file) say("`batchd web --link` will not know the link: " + to_string(file.error()));
    // Not into the journal, which more people may read than may use the page.
    if (!ServiceManager::logs_to_journal()) std::printf("%s\n", link.c_str());
    std::fflush(stdout);
    WebServer(settings, config_file, std::move(*listeners), std::move(*token)).run();
    return kExitFine;
}

/// A page takes a few hundred kilobytes for some milliseconds. Given back after each, they are had and
/// cleared anew by the kernel for the next, which took more than half of the time.
void keep_memory_at_hand() {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
}

}  // namespace

ExitCode serve_web(const WebCommand& command, const CommandLine& line) {
    keep_memory_at_hand();
    auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto code =
        command.link ? print_link(loaded->settings.web) : run_page(std::move(*loaded), line.config_file);
    return code ? *code : fail(code.error());
}

}  // namespace batchd
