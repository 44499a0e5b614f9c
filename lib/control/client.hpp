#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "base/disk/fd.hpp"
#include "base/disk/file.hpp"
#include "base/units.hpp"
#include "control/json_call.hpp"

namespace batchd::control {

/// What the daemon said to a command. It is the daemon's own word; that it did not come is an error of
/// post().
struct Reply {
    std::optional<bool> ok;  ///< done as asked, or not; nothing: not done yet
    std::string sentence;    ///< what came of it, or why not; "" while it is not done
    unsigned status = 0;     ///< of the answer: 404, where there is no such job
};

/// A connection to the control socket of the daemon with this pid, where it is known: another daemon may have
/// taken the place, and has jobs with the same numbers. Where the pid is not known, JsonCall::state says
/// which one is meant. Errors: locked where it is another's; errno, above all ENOENT, ECONNREFUSED, EACCES.
Result<UniqueFd> connect(const Path& socket, std::optional<pid_t> daemon);

/// POSTs a command, and waits for the answer, `patience` at most. Errors: what became of the command is not
/// known.
Result<Reply> post(UniqueFd connection, JsonCall command, Millis patience);

}  // namespace batchd::control
