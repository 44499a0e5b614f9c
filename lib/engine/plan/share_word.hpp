#pragma once

#include <string>

#include "engine/prepare/shard_splitter.hpp"
#include "engine/terms/terms.hpp"

namespace batchd::engine {

/// What batches have in common that can be sent as one: endpoint, model, window, metadata, limits and
/// attempts. For `batches.share`; it says nothing of the provider, which has a column of its own. "" for a
/// shard that goes by itself: its queue wants that, or it fills more than half of a batch. Pure.
std::string share_word(const Terms& terms, const Shard& shard);

}  // namespace batchd::engine
