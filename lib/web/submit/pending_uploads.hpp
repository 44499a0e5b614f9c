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
    bool is_being_sent = false;  ///< it stays where it is until remember_sent(), or until this is false again
};

/// What was sent, for whoever asks for it once more.
struct SentUpload {
    std::string file;  ///< in the inbox, "articles.jsonl"
    std::string queue;
    Millis since{};
};

/// Those that wait for a decision: a few, for a while. One that is forgotten is removed from the disk. Of
/// those that were sent the names are kept, so that a second click is told so, and nobody sends a file twice.
class PendingUploads {
public:
    /// Each may be as large as a job, and lies on the disk of the inbox.
    static constexpr std::size_t kUploadsMax = 32;
    static constexpr Millis kPatience = std::chrono::hours(1);
    /// A name and a number each.
    static constexpr std::size_t kSentMax = 1000;

    /// Its id, which nobody can guess. The oldest goes where there are too many.
    std::string add(Upload upload);
    /// Nothing where there is none (any more).
    Upload* find(const std::string& id);
    void remove(const std::string& id) { uploads_.erase(id); }
    /// One that was found has its name in the inbox now.
    void remember_sent(const std::string& id, Millis now);
    /// Nothing where it was not sent, or too long ago.
    const SentUpload* find_sent(const std::string& id) const;
    /// Those that have waited for too long go, and what was sent as long ago.
    void forget_old(Millis now);

private:
    std::map<std::string, Upload> uploads_;
    std::map<std::string, SentUpload> sent_;
};

}  // namespace batchd::web
