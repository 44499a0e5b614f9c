#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"

namespace batchd::store {

/// Of the batches for one model in one queue that were collected.
struct ModelCount {
    std::string model;
    std::string queue;
    std::uint64_t succeeded = 0, failed = 0, input_tokens = 0, output_tokens = 0;
};

/// How much there is on record.
struct Counts {
    std::map<std::string, std::uint64_t> jobs;     ///< by state
    std::map<std::string, std::uint64_t> batches;  ///< by phase
    std::vector<ModelCount> models;
    std::uint64_t overdue = 0;              ///< batches at a provider
    std::optional<TimePoint> oldest_batch;  ///< when it was submitted, of those at a provider
};

/// Reads both tables from end to end. Errors: SQLite's.
Result<Counts> count_everything(Database& database);

}  // namespace batchd::store
