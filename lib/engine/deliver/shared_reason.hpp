#pragma once

#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "base/result.hpp"

namespace batchd::engine {

/// What all failed requests of a job have in common: "model_not_found: The model `gpt-9` does not exist". ""
/// where they failed for different reasons, or for none that is said. `pieces` are row files of error lines;
/// it reads no further than to the first difference. Blocking; for the pool. Errors: errno, corrupt.
Result<std::string> shared_reason(const std::vector<Path>& pieces);

}  // namespace batchd::engine
