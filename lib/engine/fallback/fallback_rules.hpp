#pragma once

#include <string>

#include "base/clock.hpp"
#include "engine/end/ended_batch.hpp"
#include "engine/terms/terms.hpp"
#include "provider/provider.hpp"
#include "store/tables/batches.hpp"

/// What goes to the fallback of a queue, and when. Pure.
///
/// A batch has one model: what its provider says of that to one request holds for all of them, so of a shard
/// whatever is to be sent again goes to one provider or the other, never to both. And a next attempt is made
/// only where the provider itself has said that the one before has ended: nothing is in a batch that runs and
/// somewhere else at once.
namespace batchd::engine {

/// The job's fallback, as far as this batch may still go there; nullptr where there is none, or it is there
/// already.
const Fallback* fallback_of(const Terms& terms, const store::Batch& batch);

/// The deadline of what is submitted at `at`, to go on record with the batch; nothing where it has none.
std::optional<TimePoint> deadline_for(const Terms& terms, const store::Batch& batch, TimePoint at);
/// Its time is over: it is cancelled, and what is not answered goes to the fallback.
bool is_late(const store::Batch& batch, TimePoint now);

/// A provider that does not take a create, or a file, because it has no batch for the model or the endpoint.
bool says_there_is_no_batch(const provider::Failure& failure);
/// Likewise, but in words that something on the way may have said, or of a path that may be missing for a
/// moment only: believed where it is said again and again, and nothing was made meanwhile.
bool may_say_there_is_no_batch(const provider::Failure& failure);

/// What becomes of a batch of which nothing ran, and that is not to be tried here again, where judge() says
/// `ending` of it: its time is over, or it was decided before that its requests go to the fallback.
Ending not_here(Ending ending);

/// What is known of the requests of a batch that ran, when some of them are to be sent again.
struct ToBeSentAgain {
    bool without_model = false;     ///< the provider says of some that their model is not there
    bool attempts_used_up = false;  ///< this was the last attempt here
    bool is_late = false;
};
/// True where any of these holds; then all that is sent again of the batch goes there.
bool goes_to_fallback(const ToBeSentAgain& rows);

}  // namespace batchd::engine
