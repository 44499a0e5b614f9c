#include "web/command/ask_daemon.hpp"

#include "base/async/run_blocking.hpp"
#include "base/scope/counted.hpp"

namespace batchd::web {

namespace asio = boost::asio;

asio::awaitable<Result<CommandReply>> ask_daemon(Room& room, store::Verb verb, store::JobId job,
                                                 std::string user) {
    if (room.commands_waiting >= kCommandsMax)
        co_return error(Errc::locked, "the daemon has not answered " + std::to_string(kCommandsMax) +
                                          " commands that were given before; try again in a minute");
    // Counted until the answer is there, also where the client is gone by then: the thread is taken all the
    // same.
    const Counted counted(room.commands_waiting);
    co_return co_await run_blocking(room.command_pool, [&] { return room.ports.ask(verb, job, user); });
}

}  // namespace batchd::web
