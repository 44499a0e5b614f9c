#include "store/query/job_search.hpp"

#include <algorithm>
#include <array>

namespace batchd::store {
namespace {

using Ids = std::vector<JobId>;

/// Of what has not ended, the furthest first.
constexpr std::array kOpenStates{JobState::delivering, JobState::running, JobState::planned,
                                 JobState::claimed};

/// Up to `count_max` that have not ended. A state at a time, for so the index gives them in order: of a
/// hundred thousand that wait, only these are looked at.
Result<Ids> find_open(Database& database, const JobSearch& search, std::size_t count_max) {
    Ids ids;
    for (const JobState state : kOpenStates) {
        // The first condition is that of the index, word by word.
        const auto more = database.query<JobId>(
            "SELECT id FROM jobs WHERE state IN ('claimed', 'planned', 'running', 'delivering')"
            " AND state = ?1 AND (?2 = '' OR queue = ?2)"
            " AND (?3 = '' OR instr(lower(name), lower(?3)) > 0 OR CAST(id AS TEXT) = ?3"
            "      OR EXISTS (SELECT 1 FROM batches b JOIN parts p ON p.batch = b.id"
            "          WHERE b.batch_id = ?3 AND p.job_id = jobs.id))"
            " ORDER BY id LIMIT ?4",
            state, search.queue, search.text, count_max - ids.size());
        if (!more) return more.error();
        ids.insert(ids.end(), more->begin(), more->end());
        if (ids.size() == count_max) break;
    }
    return ids;
}

/// By number, downwards: the page after this one begins where this ends, whatever has come meanwhile.
Result<Ids> find_newest(Database& database, const JobSearch& search, const std::string& state,
                        std::size_t count_max) {
    return database.query<JobId>(
        "SELECT id FROM jobs WHERE (?1 = 0 OR id < ?1) AND (?2 = '' OR queue = ?2)"
        " AND (state = ?3 OR (?3 = 'open' AND finished_at IS NULL)"
        "      OR (?3 = 'ended' AND finished_at IS NOT NULL))"
        " AND (?4 = '' OR instr(lower(name), lower(?4)) > 0 OR CAST(id AS TEXT) = ?4"
        "      OR EXISTS (SELECT 1 FROM batches b JOIN parts p ON p.batch = b.id"
        "          WHERE b.batch_id = ?4 AND p.job_id = jobs.id))"
        " ORDER BY id DESC LIMIT ?5",
        search.before, search.queue, state, search.text, count_max);
}

}  // namespace

Result<FoundJobs> search_jobs(Database& database, const JobSearch& search) {
    FoundJobs found;
    Ids ids;
    if (search.has_open_first() && search.count_max > 0) {
        const std::size_t open_max = std::min(search.open_max, search.count_max);
        // One more than is shown says whether there are others.
        auto open = find_open(database, search, open_max + 1);
        if (!open) return open.error();
        found.has_more_open = open->size() > open_max;
        ids = std::move(*open);
        ids.resize(std::min(ids.size(), open_max));
    }
    std::size_t rest = search.count_max - ids.size();
    if (search.state.empty()) rest = std::min(rest, search.ended_max);
    const auto newest = find_newest(database, search, search.state.empty() ? "ended" : search.state, rest);
    if (!newest) return newest.error();
    ids.insert(ids.end(), newest->begin(), newest->end());
    auto jobs = look_at_jobs(database, ids);
    if (!jobs) return jobs.error();
    found.jobs = std::move(*jobs);
    return found;
}

}  // namespace batchd::store
