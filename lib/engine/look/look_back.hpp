#pragma once

#include <optional>

#include "base/clock.hpp"

namespace batchd::engine {

/// How far back a listing, newest first, has to be looked through for what an attempt may have made. The
/// times in it are the provider's. Ours is only asked how long ago the attempt was, for either clock may be
/// wrong by a year: a search that ended too soon would be a batch paid for twice.
class LookBack {
public:
    /// `intent_at`: when the attempt began, by our clock, which says `now`.
    LookBack(TimePoint intent_at, TimePoint now) : intent_at_(intent_at), now_(now) {}

    /// What was made before this is from before the attempt. `newest`: when the first item of the listing was
    /// made; TimePoint{} where the provider does not say.
    TimePoint not_before(TimePoint newest);

private:
    TimePoint intent_at_;
    TimePoint now_;
    std::optional<TimePoint> not_before_;
};

}  // namespace batchd::engine
