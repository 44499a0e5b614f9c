#pragma once

#include "base/clock.hpp"

namespace batchd::money {

/// A day or a month as people here count it.
enum class PeriodKind { day, month };

/// From the first moment that is part of it up to the first that is not.
struct Period {
    TimePoint from;
    TimePoint to;

    friend bool operator==(const Period&, const Period&) = default;
};

/// The day or month in which `at` lies, by the machine's time zone (TZ, /etc/localtime). A day on which the
/// clocks change is 23 or 25 hours long, and begins when its date does, be there a midnight or not. Bounds
/// are whole seconds.
Period local_period(PeriodKind kind, TimePoint at);

}  // namespace batchd::money
