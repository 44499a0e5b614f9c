#pragma once

#include <string_view>

#include "provider/provider.hpp"
#include "store/tables/batches.hpp"

namespace batchd::engine {

/// What goes on record of a batch as the provider tells it. Pure.
store::Sighting sighting_of(const provider::BatchObject& object);

/// Reads Sighting::error back: the first reason that the provider gave, without its `param`. Pure.
provider::ValidationError recorded_error(std::string_view text);

}  // namespace batchd::engine
