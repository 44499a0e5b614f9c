#pragma once

#include <map>
#include <string>

#include "report/status/status.hpp"
#include "store/query/counts.hpp"

namespace batchd::web {

/// Models with a label of their own; the rest is "other", for names of models come from people's files.
inline constexpr std::size_t kModelsMax = 50;

/// Bytes that are free in a folder, by its name in the configuration: "inbox".
using FreeSpace = std::map<std::string, std::uint64_t>;
FreeSpace free_space(const config::Settings& settings);

/// The state in Prometheus' text format. Names by its rules; no label has more values than the configuration
/// and kModelsMax say. Counters never fall as long as `counts` come from one Counting.
std::string metrics_text(const report::Status& status, const store::Counts& counts, const FreeSpace& free,
                         const std::string& version);

/// Reads all of that. Errors: SQLite's.
Result<std::string> read_metrics(store::Store& store, store::Counting& counting,
                                 const config::Settings& settings, TimePoint now, const std::string& version);

}  // namespace batchd::web
