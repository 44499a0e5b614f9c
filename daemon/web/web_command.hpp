#pragma once

#include "daemon/line/command_line.hpp"

namespace batchd {

/// The page, until it is told to end; or only the link to it.
ExitCode serve_web(const WebCommand& command, const CommandLine& line);

}  // namespace batchd
