#pragma once

#include <optional>

#include "base/result.hpp"
#include "command_line.hpp"
#include "config/load.hpp"

namespace batchd {

/// Reads the configuration; what is wrong with it goes to standard error, each problem a line.
std::optional<config::Loaded> load_configuration(const std::optional<Path>& file);

/// Says on standard error what went wrong and, of a damaged database, what to do about it. kExitFailed.
ExitCode fail(const Error& error);

/// Each command answers the exit code.
ExitCode run(const RunCommand& command, const CommandLine& line);
ExitCode check(const CheckCommand& command, const CommandLine& line);
ExitCode status(const StatusCommand& command, const CommandLine& line);
ExitCode ask(const AskCommand& command, const CommandLine& line);
ExitCode recover(const CommandLine& line);
ExitCode print_configuration(const ConfigCommand& command, const CommandLine& line);

}  // namespace batchd
