#pragma once

#include "daemon/line/command_line.hpp"

namespace batchd {

// Each command answers the exit code. Those that are more than one file have rooms of their own: run, check
// and web.

/// Only reads, and works while the daemon does not run.
ExitCode status(const StatusCommand& command, const CommandLine& line);
/// Leaves the request in the table `commands`, and waits for the daemon's word if one runs.
ExitCode ask(const AskCommand& command, const CommandLine& line);
/// Copies files into the inbox, whole or not at all.
ExitCode submit(const SubmitCommand& command, const CommandLine& line);
/// Until jobs have ended: kExitFailed where one was not done.
ExitCode wait_for(const WaitCommand& command, const CommandLine& line);
/// Only reads, and works while the daemon does not run.
ExitCode events(const EventsCommand& command, const CommandLine& line);
/// Only reads, and works before a daemon has ever run.
ExitCode queues(const QueuesCommand& command, const CommandLine& line);
/// Only reads, and works before a daemon has ever run.
ExitCode cost(const CostCommand& command, const CommandLine& line);
/// By the daemon where one runs, which has the address; else from here. kExitFailed: it did not get through.
ExitCode notify_test(const NotifyTestCommand& command, const CommandLine& line);
/// Until it is told to end.
ExitCode run_hooks(const HooksCommand& command, const CommandLine& line);
/// kExitFailed: something was left as it is, for a person to look at.
ExitCode recover(const CommandLine& line);
ExitCode print_configuration(const ConfigCommand& command, const CommandLine& line);

}  // namespace batchd
