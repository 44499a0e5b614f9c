#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "report/check_report.hpp"
#include "store/store.hpp"

namespace batchd::web {

/// What the daemon said to a command that was given here.
struct CommandReply {
    std::optional<bool> ok;  ///< done as asked, or not; nothing: not done yet
    std::string sentence;    ///< what came of it, or why not
    unsigned status = 200;   ///< of its answer: 404 where there is no such job, 503 where it can't now
};

/// What the page needs of floors that it does not see. All but open_state block, and run in the pool. They
/// are functions so that tests need neither a daemon nor its database.
struct Ports {
    /// The daemon's database, to read only. Errors: in words that say what to do.
    std::function<Result<std::unique_ptr<store::Store>>()> open_state;
    /// The planner's own scan, as `batchd check --queue` has it; `name` is that of the job's file.
    std::function<report::CheckedFile(const std::string& name, const Path& file, const std::string& queue)>
        check;
    /// A command by the control socket, for `user` whom a proxy names; "" where there is none. Errors: nobody
    /// knows what became of it, or the daemon is not there.
    std::function<Result<CommandReply>(store::Verb verb, store::JobId job, const std::string& user)> ask;
};

}  // namespace batchd::web
