#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/units.hpp"
#include "spool/inbox/inbox.hpp"
#include "spool/inbox/inbox_event.hpp"

namespace batchd::spool {

/// Whether a file in the inbox may be taken.
enum class Readiness {
    ready,  ///< its writer has finished: take it
    wait,   ///< look again at next_look() or when an event says so
};

/// Decides when the writer of a file in the inbox has finished, from events and from what scans see. Pure;
/// `now` is Clock::uptime().
///
///  - Moved in, or closed by its writer: at once.
///  - Empty: whatever else is known of it, not before it has stood still for `empty_wait`, for its writer may
///  have made the name only.
///  - Created or written to, and not closed: the writer is at it, so stillness proves nothing. After an hour
///  of it the
///    file is taken all the same: a change that comes with no close (truncate(2)) must not keep it here for
///    ever.
///  - Anything else (found at start, from another host, after lost events): when its stamp has stood still
///  for
///    `settle_time`. A linked file is one of these: it was created with content that nobody wrote.
///
/// Keeps about 150 bytes a file, and at most kFilesMax files; more wait, unseen, until some of these are
/// taken.
class Settling {
public:
    /// 15 MB. What is beyond comes to its turn.
    static constexpr std::size_t kFilesMax = 100'000;
    /// So long a file that was written to and never closed has to stand still.
    static constexpr Millis kLostClose = std::chrono::hours(1);
    /// So long one that somebody has open, and of which no event was seen.
    static constexpr Millis kOpenUnseen = std::chrono::seconds(30);

    explicit Settling(Millis settle_time, Millis empty_wait = Millis{0})
        : settle_time_(settle_time), empty_wait_(empty_wait) {}

    void set_settle_time(Millis settle_time) { settle_time_ = settle_time; }

    /// To be told of `gone_away` too when a scan finds that there is no inbox.
    void notice(const InboxEvent& event);

    /// Between begin_scan() and end_scan() every candidate of a whole scan is observed; end_scan() forgets
    /// those that the scan did not see. A candidate may be observed on its own at any time.
    void begin_scan();
    Readiness observe(const Candidate& candidate, Millis now);
    /// Of one that is ready, but that somebody has open for writing (writers_of()). Its writer is believed to
    /// be at it until it has stood still: for `settle_time` where it was moved in, for that says that it is
    /// whole; for half a minute where nothing is known of it; else for an hour.
    Readiness observe_open(const Candidate& candidate, Millis now);
    /// How long a file has stood still since it was first observed.
    Millis still_for(const std::string& name, Millis now) const;
    void end_scan();

    /// To be called once a file is claimed.
    void forget(const std::string& name) { files_.erase(name); }

    /// When a file seen since begin_scan() can become ready by standing still; nothing when none waits.
    std::optional<Millis> next_look() const { return next_look_; }
    std::size_t size() const { return files_.size(); }

private:
    /// What is known of whoever writes the file, by the last event about it.
    enum class Writer { unknown, created, writing, closed, moved_in };
    struct File {
        Writer writer = Writer::unknown;
        FileId id;
        FileStamp stamp;
        std::optional<Millis> still_since;  // nothing: not observed yet
        unsigned scan = 0;                  // the last one that saw it
    };

    /// Null where there are kFilesMax already.
    File* find_or_add(const std::string& name);
    void forget_all();
    void doubt_all();
    /// How long it has to stand still before it may be taken.
    Millis patience(const File& file) const;
    Readiness ready_at(Millis due, Millis now);

    Millis settle_time_;
    Millis empty_wait_;
    std::unordered_map<std::string, File> files_;
    std::optional<Millis> next_look_;
    unsigned scan_ = 0;
};

}  // namespace batchd::spool
