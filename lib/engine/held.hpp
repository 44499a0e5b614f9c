#pragma once

#include <string>

#include "engine/ports.hpp"

/// Batches that can't go on by themselves: what became of them only time or a person can say. What is held
/// stands in the batch's row and, by triggers of the schema, in `conditions`. Each call is one transaction.
namespace batchd::engine {

/// Holds the batch and says so, once for each reason. `why`: what is not known, and what to do about it.
Result<void> hold(Ports& ports, const store::Job& job, const store::Batch& batch, const std::string& why);

/// It goes on; said where it had been held. `how`: what has become known.
Result<void> let_go(Ports& ports, const store::Job& job, const store::Batch& batch, const std::string& how);

}  // namespace batchd::engine
