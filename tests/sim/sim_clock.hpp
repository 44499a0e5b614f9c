#pragma once

#include "base/clock.hpp"

namespace batchd::sim {

/// The simulation's wall clock: the real one plus an offset, or one that stands still until it is moved. The
/// real one takes its time from base's Clock.
class SimClock {
public:
    enum class Mode { real, manual };

    explicit SimClock(Mode mode) : mode_(mode), start_(system_->now()) {}

    TimePoint now() const { return (mode_ == Mode::real ? system_->now() : start_) + offset_; }
    void advance(Millis by) { offset_ += by; }

private:
    std::unique_ptr<Clock> system_ = make_system_clock();
    Mode mode_;
    TimePoint start_;
    Millis offset_{0};
};

/// Whole seconds since 1970, as the API writes times.
inline std::int64_t unix_seconds(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// A duration given as seconds with a fraction.
inline Millis seconds_to_millis(double seconds) {
    return Millis(static_cast<std::int64_t>(seconds * 1000.0));
}

}  // namespace batchd::sim
