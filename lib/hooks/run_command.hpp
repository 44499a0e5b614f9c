#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace batchd::hooks {

/// What is run, and how long it may take.
struct CommandToRun {
    std::vector<std::string> command;
    std::string input;
    std::vector<std::string> variables;
    Millis timeout{0};
};

/// How a command came to its end.
enum class CommandEnd { succeeded, failed, timed_out };

/// What came of it, for the log and for people.
struct CommandOutcome {
    CommandEnd end = CommandEnd::failed;
    std::string
        text;  ///< "exit status 3 after 1s", "ended after 10m, which is its timeout", "can't be run: …"
};

/// Runs it to its end, and ends what it leaves behind. At its time the whole process group is told to end,
/// and killed five seconds later.
/// Cancelled, the group is killed at once.
boost::asio::awaitable<CommandOutcome> run_command(CommandToRun run, Clock& clock);

}  // namespace batchd::hooks
