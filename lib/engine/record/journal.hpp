#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/async/wake.hpp"
#include "base/async/wake_line.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "engine/record/event_kind.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Says what happened, in the log and in `events`. Inside a transaction the event is part of it, and the log
/// has its line when that is committed. Long texts are cut in the log, and whole in `events`.
class Journal {
public:
    /// `observer` is raised with each event: what is worth a line may change the status.
    Journal(store::Store& store, Log& log, const Clock& clock, Wake& observer)
        : store_(store), log_(log), clock_(clock), observer_(observer) {}

    void note(EventKind kind, std::string_view detail);
    /// Of a kind that is good news as a rule, and is not this time: a warning in the log.
    void warn(EventKind kind, std::string_view detail);
    /// Secrets are taken out of `detail`, and it is made printable.
    void note(EventKind kind, const store::Job& job, std::string_view detail);
    /// Of a shared batch the event has no job, for it is about all of them.
    void note(EventKind kind, const store::Job& job, const store::Batch& batch, std::string_view detail);
    /// Something about a queue as a whole.
    void note_queue(EventKind kind, std::string_view queue, std::string_view detail);
    /// What became of something that somebody asked for; `job` is the one that it is about, where it is
    /// there.
    void note_command(const store::Command& command, const std::optional<store::Job>& job,
                      std::string_view outcome);
    /// Something about [notify.NAME] or its command, of `job` where it is known.
    void note_hook(EventKind kind, std::optional<store::JobId> job, std::string_view detail);
    /// For those who wait for events, and so for notices.
    WakeLine& noted() { return noted_; }
    /// A row could not be moved on, and will be tried again.
    void waiting(store::JobId id, std::string_view why);
    void waiting(store::BatchRowId id, std::string_view why);
    /// How often a kind was noted since the start.
    std::uint64_t count(EventKind kind) const;
    /// What a stage that has no rows waits for now; `stage` tells it from the others.
    void keep_trouble(const void* stage, const std::string& why) { troubles_[stage] = why; }
    void end_trouble(const void* stage) { troubles_.erase(stage); }
    const std::map<const void*, std::string>& troubles() const { return troubles_; }
    /// For what is of no use in a month: the log only, at debug level or above as the kind has it.
    void log(EventKind kind, const LogSubject& subject, std::string_view detail);

private:
    /// What an event is about besides what stands in its detail.
    struct About {
        std::optional<store::JobId> job{};
        LogSubject subject{};
        std::string_view user{}, queue{};
        std::optional<LogLevel> level{};  ///< in the log; else that of its kind
    };
    /// What cannot be recorded is said in the log: an event is never the reason for which a stage fails.
    void add(EventKind kind, const About& about, std::string_view detail);

    store::Store& store_;
    Log& log_;
    const Clock& clock_;
    Wake& observer_;
    WakeLine noted_;
    std::map<EventKind, std::uint64_t> counts_;
    std::map<const void*, std::string> troubles_;
};

}  // namespace batchd::engine
