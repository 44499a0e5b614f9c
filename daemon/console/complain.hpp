#pragma once

#include "base/result.hpp"
#include "daemon/console/exit_code.hpp"

namespace batchd {

/// Says on standard error what went wrong and, of a damaged database, what to do about it. The code that a
/// command ends with for it: kExitFailed, kExitDamagedState.
ExitCode fail(const Error& error);

}  // namespace batchd
