#pragma once

#include <map>
#include <string>

#include "report/status/status.hpp"
#include "store/query/counts.hpp"
#include "web/metrics/folder_metrics.hpp"

namespace batchd::web {

/// Models with a label of their own; the rest is "other", for names of models come from people's files.
inline constexpr std::size_t kModelsMax = 50;

/// The state in Prometheus' text format. Names by its rules; no label has more values than the configuration,
/// kModelsMax and store::kHooksMax say. Counters never fall as long as `counts` come from one Counting.
std::string metrics_text(const report::Status& status, const store::Counts& counts, const Folders& folders,
                         const std::string& version);

/// Reads the state, and adds what is known of the folders. Errors: SQLite's.
Result<std::string> read_metrics(store::Store& store, store::Counting& counting,
                                 const config::Settings& settings, const Folders& folders, TimePoint now,
                                 const std::string& version);

}  // namespace batchd::web
