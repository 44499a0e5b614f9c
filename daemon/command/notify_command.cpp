#include <cstdio>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include "base/log.hpp"
#include "base/uuid.hpp"
#include "control/client.hpp"
#include "control/json_call.hpp"
#include "control/notify_test_path.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "engine/notify/sender.hpp"
#include "spool/layout.hpp"
#include "spool/state/state_lock.hpp"

namespace batchd {
namespace {

namespace asio = boost::asio;
using notify::SendResult;

constexpr Millis kTestPatience = std::chrono::seconds(90);  // longer than the daemon tries

/// Runs one coroutine to its end.
template <class T>
T run_alone(asio::io_context& context, asio::awaitable<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    asio::co_spawn(context, std::move(task), [&](std::exception_ptr thrown, T value) {
        failure = thrown;
        result.emplace(std::move(value));
    });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

SendResult verdict_of(const control::JsonAnswer& answer) {
    SendResult verdict{false, "the daemon answered " + std::to_string(answer.status), std::nullopt};
    const auto* const failure = answer.body.if_contains("error");
    const auto* const text = failure != nullptr && failure->is_object()
                                 ? failure->get_object().if_contains("message")
                                 : answer.body.if_contains("result");
    if (text != nullptr && text->is_string()) verdict.why = text->get_string();
    const auto* const ok = answer.body.if_contains("ok");
    verdict.got_through = ok != nullptr && ok->is_bool() && ok->get_bool();
    return verdict;
}

/// By the daemon: it has the credentials. Errors: it can't be reached.
Result<SendResult> test_by_daemon(const std::string& name, const Path& socket, long daemon) {
    auto connection = control::connect(socket, static_cast<pid_t>(daemon));
    if (!connection) return connection.error();
    asio::io_context context(1);
    control::JsonCall asked{"POST", control::notify_test_path(name)};
    const auto answer = run_alone<Result<control::JsonAnswer>>(
        context, control::call(std::move(*connection), std::move(asked), kTestPatience));
    if (!answer) return answer.error();
    return verdict_of(*answer);
}

SendResult test_from_here(const std::string& name, const config::NotifyTarget& target) {
    if (*target.kind == config::NotifyKind::command)
        return {false,
                "commands are run by `batchd hooks`, which is told by the daemon, and that does not run",
                std::nullopt};
    asio::io_context context(1);
    asio::thread_pool pool(1);
    const auto clock = make_system_clock();
    Log log(LogLevel::info, Log::Format::terminal);
    engine::HttpSender sender(context.get_executor(), pool, *clock, log, config::system_environment());
    store::Notice notice;
    notice.key = "msg_" + random_key();
    notice.at = clock->now();
    notice.type = "test";
    notice.text = "sent by `batchd notify test " + name + "`";
    std::vector<store::Notice> one;
    one.push_back(std::move(notice));
    SendResult verdict = run_alone<SendResult>(context, sender.send(name, target, std::move(one)));
    pool.join();
    return verdict;
}

SendResult test(const std::string& name, const config::Settings& settings,
                const config::NotifyTarget& target) {
    const auto daemon = spool::StateLock::holder(spool::Layout{settings.state.directory}.lock());
    if (!daemon) return test_from_here(name, target);
    auto verdict = test_by_daemon(name, settings.control.socket, *daemon);
    if (verdict) return std::move(*verdict);
    return {false, "the daemon can't be asked: " + to_string(verdict.error()), std::nullopt};
}

}  // namespace

ExitCode notify_test(const NotifyTestCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto& targets = loaded->settings.notify_targets;
    const auto found = targets.find(command.name);
    if (found == targets.end())
        return fail(error(Errc::not_found, "there is no [notify." + command.name + "] in the configuration"));
    const SendResult verdict = test(command.name, loaded->settings, found->second);
    std::fprintf(verdict.got_through ? stdout : stderr, "%snotify.%s: %s\n",
                 verdict.got_through ? "" : "batchd: ", command.name.c_str(), printable(verdict.why).c_str());
    return verdict.got_through ? kExitFine : kExitFailed;
}

}  // namespace batchd
