#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "store/job_search.hpp"
#include "store/store.hpp"

namespace batchd::report {

/// A queue, and what is under way in it.
struct QueueState {
    std::string name;      ///< "default" is one of them
    std::string provider;  ///< its name; "default" for [provider]
    std::string model;     ///< "" where each line names its own
    store::QueueLoad load;
};

/// Those of the configuration, and those that open jobs are of; in order of name. Errors: SQLite's.
Result<std::vector<QueueState>> read_queues(store::Store& store, const config::Settings& settings);

/// {"queues": [{"name", "provider", "model", "files_waiting", …}]}, in one line.
std::string queues_json(const std::vector<QueueState>& queues);

}  // namespace batchd::report
