#include <csignal>
#include <cstdio>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/async/task_group.hpp"
#include "config/environment.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/host/service_manager.hpp"
#include "hooks/hook_runner.hpp"
#include "spool/state/state_lock.hpp"

namespace batchd {
namespace {

namespace asio = boost::asio;
using config::NotifyKind;

constexpr const char* kDefaultState = "/var/lib/batchd-hooks";

Path state_folder(const HooksCommand& command) {
    if (command.state) return *command.state;
    return config::system_environment()("STATE_DIRECTORY").value_or(kDefaultState);
}

/// The commands of the configuration; another kind is told by the daemon.
std::map<std::string, config::NotifyTarget> commands_of(const config::Settings& settings) {
    auto targets = settings.notify_targets;
    std::erase_if(targets, [](const auto& named) { return *named.second.kind != NotifyKind::command; });
    return targets;
}

void run_all(const config::Settings& settings, const HooksCommand& command, const Path& state) {
    asio::io_context context(1);
    const auto clock = make_system_clock();
    Log log(settings.log.level,
            ServiceManager::logs_to_journal() ? Log::Format::journal : Log::Format::terminal);
    Turnstile turnstile(context.get_executor(), command.at_once);
    const hooks::HookPorts ports{settings.control.socket, state, turnstile, *clock, log};
    std::vector<std::unique_ptr<hooks::HookRunner>> runners;
    for (const auto& [name, target] : commands_of(settings))
        runners.push_back(std::make_unique<hooks::HookRunner>(ports, name, target));
    asio::signal_set signals(context, SIGTERM, SIGINT);
    std::exception_ptr failure;
    auto all = [&]() -> asio::awaitable<void> {
        TaskGroup tasks(context.get_executor());
        auto until_signal = [&]() -> asio::awaitable<void> {
            co_await signals.async_wait(asio::use_awaitable);
            ServiceManager().stopping();
            tasks.cancel();
        };
        tasks.spawn(until_signal());
        for (const auto& runner : runners) tasks.spawn(runner->run());
        ServiceManager().ready();
        co_await tasks.join();
    };
    asio::co_spawn(context, all(), [&](std::exception_ptr error) { failure = error; });
    context.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

ExitCode run_hooks(const HooksCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (commands_of(loaded->settings).empty()) {
        std::fputs("batchd: there is no [notify.NAME] with kind = \"command\" in the configuration\n",
                   stderr);
        return kExitWrongConfiguration;
    }
    const Path state = state_folder(command);
    if (auto made = make_directory(state); !made) return fail(made.error());
    // Two on one folder would run each command twice.
    const auto lock = spool::StateLock::acquire(state / "lock");
    if (!lock) return fail(lock.error());
    run_all(loaded->settings, command, state);
    return kExitFine;
}

}  // namespace batchd
