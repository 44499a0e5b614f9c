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

/// One that nobody can read, as of `now`: with its mark, by which it is known to be there.
BatchObject unreadable_object(const std::string& key, TimePoint now);

}  // namespace batchd::provider::direct
