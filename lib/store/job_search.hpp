#pragma once

#include "store/overview.hpp"

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

/// Of a queue's jobs, what is under way.
struct QueueLoad {
    std::string queue;
    std::uint64_t files_waiting = 0;  ///< claimed or planned
    std::uint64_t requests_waiting = 0;
    std::uint64_t jobs_running = 0;
    std::uint64_t batches_in_flight = 0;
};
Result<std::vector<QueueLoad>> load_of_queues(Database& database);

}  // namespace batchd::store
