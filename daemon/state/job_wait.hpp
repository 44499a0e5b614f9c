#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "daemon/console/exit_code.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd {

/// Looks into the daemon's database again and again, for a command that waits. The daemon may stop and start
/// meanwhile, be upgraded, and have its database built again.
class StateWatch {
public:
    explicit StateWatch(spool::Layout layout) : layout_(std::move(layout)) {}

    /// Runs `look` on the database, opened anew. Errors: what kept it from being read for a minute, or at the
    /// first time.
    Result<void> look(const std::function<Result<void>(store::Store&)>& look);

private:
    spool::Layout layout_;
    std::optional<Millis> failing_since_;
    bool has_looked_ = false;
};

/// Waits until each of the jobs has ended, `timeout` at most, and tells of each as it does; the jobs as they
/// are then. Errors: as StateWatch; not_found for a job that is not on record.
Result<std::vector<store::Job>> wait_for_end(StateWatch& watch, const std::vector<store::JobId>& ids,
                                             std::optional<Millis> timeout,
                                             const std::function<void(const store::Job&)>& ended);

/// What `wait` ends with: kExitTimeIsUp while one has not ended, kExitFailed where one did not end as done.
ExitCode verdict_on(const std::vector<store::Job>& jobs);

/// "job 12 (articles) done: /var/spool/batchd/outbox/articles"; with the reason where there is one.
std::string end_line(const store::Job& job);

}  // namespace batchd
