#include "hooks/run_command.hpp"

#include <csignal>

#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/async/run_until.hpp"
#include "hooks/process.hpp"

namespace batchd::hooks {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr Millis kLastWords = 5s;

/// The descriptor may be called ready for what came for an earlier one of its number; to believe that would
/// wait for the program in earnest, with nobody to end it at its time.
asio::awaitable<void> until_ended(const Process& process, asio::posix::stream_descriptor& end) {
    while (!process.has_ended())
        co_await end.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

}  // namespace

asio::awaitable<CommandOutcome> run_command(CommandToRun run, Clock& clock) {
    auto process = Process::start(run.command, run.input, run.variables);
    if (!process)
        co_return CommandOutcome{CommandEnd::failed, "it can't be run: " + to_string(process.error())};
    const Millis began = clock.uptime();
    asio::posix::stream_descriptor ended(co_await asio::this_coro::executor, ::dup(process->pidfd()));
    const bool in_time = co_await run_within(clock, run.timeout, until_ended(*process, ended));
    if (!in_time) {
        process->signal(SIGTERM);
        co_await run_within(clock, kLastWords, until_ended(*process, ended));
        process->signal(SIGKILL);
        const bool is_gone = co_await run_within(clock, kLastWords, until_ended(*process, ended));
        const std::string after = "ended after " + format_duration(run.timeout) + ", which is its timeout: ";
        if (is_gone) co_return CommandOutcome{CommandEnd::timed_out, after + describe_status(process->end())};
        process->give_up();
        co_return CommandOutcome{CommandEnd::timed_out,
                                 after + "it does not go even when it is killed, and is left where it is"};
    }
    const int status = process->end();
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(clock.uptime() - began);
    co_return CommandOutcome{status == 0 ? CommandEnd::succeeded : CommandEnd::failed,
                             describe_status(status) + " after " + format_duration(took)};
}

}  // namespace batchd::hooks
