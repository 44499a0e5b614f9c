#include "engine/cancel/cancel_deadline.hpp"

#include <algorithm>

namespace batchd::engine {

TimePoint end_deadline(TimePoint asked_at, Millis patience, TimePoint now) {
    constexpr Millis kCorrected = std::chrono::minutes(1);  // by so much a clock is set in passing
    // A cancel that lies ahead was asked for before the clock was set back; to wait for that moment may take
    // years.
    return asked_at > now + kCorrected ? now : asked_at + patience;
}

TimePoint collection_deadline(TimePoint asked_at, TimePoint ended_at, Millis patience, TimePoint now) {
    // However long ago the cancel was, what ended a moment ago gets the time of a download.
    return std::max(end_deadline(asked_at, patience, now),
                    std::min(ended_at, now) + std::clamp(patience, kCollectionLeast, kCollectionMin));
}

TimePoint look_deadline(TimePoint asked_at, TimePoint since, Millis patience, TimePoint now) {
    // However long ago the cancel was, a start looks before it gives up: only what is found can be stopped.
    return collection_deadline(asked_at, since, patience, now);
}

}  // namespace batchd::engine
