#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace batchd::engine {

/// What waits in a queue for company or its time, planned and not sent.
struct WaitingFiles {
    std::uint64_t files = 0;
    std::uint64_t requests = 0;
    TimePoint oldest{};  ///< when the first of them was taken
};

/// How much waits in each queue, kept in mind, so that one more file costs the same however many wait
/// already: to count them all for each would make a hundred thousand files ten thousand million looks. The
/// database is what counts, and this says when it has to be asked. I/O thread only. Pure.
class WaitingTally {
public:
    /// A job more waits, and is on record with moment_of() its queue. True where that is a reason to look at
    /// the queue: it is the first or the oldest, there are enough now, or nobody knows.
    bool add(const std::string& queue, std::uint64_t requests, TimePoint taken_at);
    /// What waits in this queue was changed otherwise, and has to be counted again.
    void forget(const std::string& queue);

    /// Whether what waits in this queue is known; that of none is, until what waits in all was counted once.
    bool knows(const std::string& queue) const;
    bool knows_all() const { return knows_all_; }
    /// As counted in the database just now: all queues in which something waits, or this one.
    void learn_all(const std::map<std::string, WaitingFiles>& counted);
    void learn(const std::string& queue, const WaitingFiles& counted);

    /// Those in which something waits, or may. In the order of their names.
    std::vector<std::string> queues() const;
    /// What has a time on record that is still to come was taken by a clock that was ahead then: it counts as
    /// taken at this look, the first after the clock was set right.
    void set_right(const std::string& queue, TimePoint now);
    /// Nothing waits in one that is not known here: see knows().
    WaitingFiles in(const std::string& queue) const;

    /// What was found out about a queue: all that waits in it has `moment` on record, when it is sent as far
    /// as that is known; and it is to be looked at again where so many requests wait.
    struct Look {
        std::optional<TimePoint> moment;
        std::optional<std::uint64_t> enough;
    };
    void looked_at(const std::string& queue, const Look& look);
    /// True where that is what its jobs have on record.
    bool is_on_record(const std::string& queue, std::optional<TimePoint> moment) const;
    /// What a new job gets on record; nothing: it is not known.
    std::optional<TimePoint> moment_of(const std::string& queue) const;

private:
    /// Of a queue in which something waits.
    struct Entry {
        WaitingFiles waiting;
        std::optional<Look> look;  // nothing: not since it was counted
    };

    bool knows_all_ = false;
    std::map<std::string, Entry> queues_;  // those in which something waits
    /// Queues that have to be counted again, while the others are still known.
    std::set<std::string> forgotten_;
};

}  // namespace batchd::engine
