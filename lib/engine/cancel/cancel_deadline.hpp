#pragma once

#include "base/clock.hpp"

/// Until when a cancelled job waits for the provider. Pure.
namespace batchd::engine {

/// So long the results of a batch that has just ended are fetched at least, however long ago the cancel was;
/// shorter where the patience is, though not shorter than the least.
inline constexpr Millis kCollectionMin = std::chrono::seconds(30);
/// However short the patience is configured, a download gets this long.
inline constexpr Millis kCollectionLeast = std::chrono::seconds(5);

/// When a batch that the provider does not end is ended here; `patience` is `retry.cancel_patience`. Where
/// the clock was set back since the cancel, nobody knows how long ago it was, and it has been long enough.
TimePoint end_deadline(TimePoint asked_at, Millis patience, TimePoint now);
/// When no more is asked about a batch that has ended: what is there is taken.
TimePoint collection_deadline(TimePoint asked_at, TimePoint ended_at, Millis patience, TimePoint now);
/// When it is no longer looked for whether a batch that is not on record as submitted is at the provider all
/// the same; `since` is when looking began, at a start.
TimePoint look_deadline(TimePoint asked_at, TimePoint since, Millis patience, TimePoint now);

}  // namespace batchd::engine
