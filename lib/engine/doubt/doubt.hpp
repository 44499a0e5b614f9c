#pragma once

#include "base/units.hpp"

namespace batchd::engine {

/// How long a batch that was looked for, not found and made again may still turn up beside the new one: so
/// long the listings are looked through for it. Longer than any delay that anybody has reported.
Millis twin_watch(Millis list_lag);

/// The pause between two looks through the listings for second batches: at most a minute, for a poll.interval
/// of hours would miss them, and not before a listing shows what is new.
Millis twin_look_interval(Millis poll_interval, Millis list_lag);

/// So long after a create that was answered the listings are looked through for a second batch of it: once or
/// twice.
Millis twin_glance(Millis poll_interval, Millis list_lag);

/// A call with an effect whose answer never came. It is settled by looking; this decides when "not there" is
/// believed: after `looks` looks in a row, all later than the time for which a listing may lag behind.
class Doubt {
public:
    /// `since`: uptime at which the call had ended or, after a crash, at which the row was found.
    Doubt(Millis since, Millis list_lag, unsigned looks = 2)
        : since_(since), list_lag_(list_lag), looks_needed_(looks) {}

    /// What follows from a look that has not found it.
    struct Next {
        bool believed_absent = false;
        Millis look_again_in{0};  ///< where it is not believed yet
    };
    /// The listing was looked through from uptime `began` on, and at `now` it has turned out not to be there.
    /// What a page shows is as old as the question: a walk of many pages that began within the lag counts for
    /// nothing, however late it ended.
    Next not_found(Millis began, Millis now);

private:
    Millis since_;
    Millis list_lag_;
    unsigned looks_needed_;
    unsigned looks_ = 0;  // that count
};

}  // namespace batchd::engine
