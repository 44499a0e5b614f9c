#pragma once

#include "daemon/line/command_line.hpp"

namespace batchd {

/// Needs no state: whoever has a file can ask whether it is fine. kExitFailed: one of them is not.
ExitCode check(const CheckCommand& command, const CommandLine& line);

}  // namespace batchd
