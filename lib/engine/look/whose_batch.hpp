#pragma once

#include <boost/asio/awaitable.hpp>

#include "engine/look/answer_fit.hpp"
#include "provider/provider.hpp"
#include "store/tables/batches.hpp"

namespace batchd::engine {

/// Whose batch `object` shows, which the provider gave for `batch`: by what it bears and, where that says
/// nothing, by the file that it is made of, which is asked for then.
///
/// `foreign` is only answered with proof. `unclear` is left where it shows neither mark nor file, and where
/// its file can't be asked for: there are gateways that show no metadata and give files ids of their own.
boost::asio::awaitable<Fit> whose_batch(provider::Provider& provider, store::Batch batch,
                                        provider::BatchObject object);

/// True where a batch that was recognised once shows neither its mark nor its file any more, but another file
/// that can't be asked for: it may be somebody else's. `fit`: what whose_batch() answered.
bool hides_itself(Fit fit, const store::Batch& batch, const provider::BatchObject& object);

/// What is said of a look that brought another batch's object: it is no answer, and asked for again.
provider::Failure shows_another_batch(const provider::BatchObject& object);

}  // namespace batchd::engine
