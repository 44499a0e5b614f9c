#pragma once

#include <string>

#include "report/status/status.hpp"
#include "store/query/counts.hpp"

namespace batchd::web {

/// Models with a label of their own; the rest is "other", for names of models come from people's files.
inline constexpr std::size_t kModelsMax = 50;

/// The state in Prometheus' text format. Names by its rules; no label has more values than the configuration
/// and kModelsMax say. Counters are of what is on record: they begin anew where jobs are cleaned away.
std::string metrics_text(const report::Status& status, const store::Counts& counts,
                         const std::string& version);

}  // namespace batchd::web
