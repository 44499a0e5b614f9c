#pragma once

#include "daemon/line/command_line.hpp"

namespace batchd {

/// The daemon, until it is told to end; or, once, until all is done.
ExitCode run(const RunCommand& command, const CommandLine& line);

}  // namespace batchd
