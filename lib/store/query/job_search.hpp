#pragma once

#include "store/query/overview.hpp"
#include "store/states.hpp"

namespace batchd::store {

/// Which jobs are asked for. What is empty asks for all.
struct JobSearch {
    std::string queue;
    std::string state;  ///< a state's word, or "open" or "ended"
    std::string text;   ///< in the name, or a job's number, or a batch id of the provider's
    /// Only jobs with a lower number and, where no state is asked for, only those that have ended: the next
    /// page of a list that had the open ones in front. 0: from the beginning.
    std::int64_t before = 0;
    std::size_t count_max = 50;  ///< of all together
    std::size_t open_max = 50;   ///< where no state is asked for: of those that have not ended
    std::size_t ended_max = 50;  ///< likewise: of those that have

    /// False where `state` is no word that a job can be asked for by: a slip of the pen finds nothing.
    bool has_known_state() const {
        return state.empty() || state == "open" || state == "ended" || parse_job_state(state);
    }
    /// What has not ended comes before what has, whatever the numbers are.
    bool has_open_first() const { return state.empty() && before == 0; }
};

struct FoundJobs {
    std::vector<JobOverview> jobs;
    bool has_more_open = false;  ///< open_max or count_max has cut them
};

/// The newest jobs first. Where no state is asked for, all that have not ended come before them: by how far
/// they are, those that are delivered or at a provider first, and of these the oldest. It only reads. Errors:
/// SQLite's.
Result<FoundJobs> search_jobs(Database& database, const JobSearch& search);

}  // namespace batchd::store
