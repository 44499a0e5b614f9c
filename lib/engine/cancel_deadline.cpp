#include "engine/cancel_deadline.hpp"

#include <algorithm>

namespace batchd::engine {

TimePoint end_deadline(TimePoint asked_at, Millis patience) {
    return asked_at + patience;
}

TimePoint collection_deadline(TimePoint asked_at, TimePoint ended_at, Millis patience) {
    return std::max(end_deadline(asked_at, patience), ended_at + kCollectionMin);
}

}  // namespace batchd::engine
