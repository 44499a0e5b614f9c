#pragma once

#include "config/keys/keys.hpp"

namespace batchd::config {

/// batch.metadata: strings by name, within the provider's limits less what batchd adds itself.
Key metadata_key();

/// batch.enqueued_tokens: tokens by model.
Key enqueued_tokens_key();

}  // namespace batchd::config
