#pragma once

#include <map>
#include <string>

#include "base/clock.hpp"
#include "report/check_report.hpp"
#include "spool/submit/inbox_drop.hpp"

namespace batchd::web {

/// A file that was sent to the page and checked, and lies hidden beside the inbox until somebody decides.
struct Upload {
    spool::InboxDrop drop;
    std::string queue;
    report::CheckedFile checked;
    Millis since{};
};

/// Those that wait for a decision: a few, for a while. One that is forgotten is removed from the disk.
class PendingUploads {
public:
    /// Each may be as large as a job, and lies on the disk of the inbox.
    static constexpr std::size_t kUploadsMax = 32;
    static constexpr Millis kPatience = std::chrono::hours(1);

    /// Its id, which nobody can guess. The oldest goes where there are too many.
    std::string add(Upload upload);
    /// Nothing where there is none (any more).
    Upload* find(const std::string& id);
    void remove(const std::string& id) { uploads_.erase(id); }
    /// Those that have waited for too long go.
    void forget_old(Millis now);

private:
    std::map<std::string, Upload> uploads_;
};

}  // namespace batchd::web
