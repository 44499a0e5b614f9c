#pragma once

#include "provider/provider.hpp"
#include "store/tables/batches.hpp"

namespace batchd::engine {

/// What goes on record of a batch as the provider tells it. Pure.
store::Sighting sighting_of(const provider::BatchObject& object);

}  // namespace batchd::engine
