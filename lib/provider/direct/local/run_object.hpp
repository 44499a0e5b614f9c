#pragma once

#include <string>
#include <string_view>

#include "provider/direct/local/runs.hpp"

namespace batchd::provider::direct {

/// What the ids of an uploaded file, of the run that is made of it, and of its results begin with; the KEY
/// follows.
inline constexpr std::string_view kFileId = "file-";
inline constexpr std::string_view kRunId = "run-";
inline constexpr std::string_view kResultsId = "results-";

/// A run as a batch.
BatchObject object_of(const LocalRun& run);

}  // namespace batchd::provider::direct
