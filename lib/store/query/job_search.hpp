#pragma once

#include "store/query/overview.hpp"

namespace batchd::store {

/// Which jobs are asked for. What is empty asks for all.
struct JobSearch {
    std::string queue;
    std::string state;        ///< a state's word, or "open" or "ended"
    std::string text;         ///< in the name, or a job's number, or a batch id of the provider's
    std::int64_t before = 0;  ///< only jobs with a lower number; 0: from the newest on
    std::size_t count_max = 50;
};

/// The newest jobs first. It only reads. Errors: SQLite's.
Result<std::vector<JobOverview>> search_jobs(Database& database, const JobSearch& search);

}  // namespace batchd::store
