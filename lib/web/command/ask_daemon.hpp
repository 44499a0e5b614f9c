#pragma once

#include <boost/asio/awaitable.hpp>

#include "web/room.hpp"

namespace batchd::web {

/// Commands that wait for the daemon's word at once. Each may take as long as a daemon that stalls.
inline constexpr std::size_t kCommandsMax = 8;

/// Gives a command, and waits for what came of it: beside the pool of the pages, so that a daemon that
/// stalls holds up no page. `user` is as AccessDecision has it. Errors: locked where kCommandsMax wait
/// already; as Ports::ask.
boost::asio::awaitable<Result<CommandReply>> ask_daemon(Room& room, store::Verb verb, store::JobId job,
                                                        std::string user);

}  // namespace batchd::web
