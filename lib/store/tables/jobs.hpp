#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/spent.hpp"
#include "store/sqlite/database.hpp"
#include "store/states.hpp"

namespace batchd::store {

/// The number by which people know a job; 0 is none. Never given twice while the job is on record.
struct JobId {
    std::int64_t value = 0;
    auto operator<=>(const JobId&) const = default;
};

/// What is needed to find the folders of a job.
struct JobKey {
    JobId id;
    std::string key;
};

/// A row of `jobs`; schema.sql says what each column means.
struct Job {
    JobId id;
    std::string key;
    std::string name;
    JobState state = JobState::claimed;
    std::string reason;
    std::uint64_t requests = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t size_bytes = 0;
    std::string sha256;
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    TimePoint created_at{};
    std::optional<TimePoint> finished_at;
    std::string delivered_to;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::optional<TimePoint> recovered_at{};
    std::optional<TimePoint> cancel_asked_at{};
    std::optional<JobId> retry_of{};
    bool input_changed = false;
    std::string input_stamp{};
    std::string queue = "default";
    std::string provider = "default";
    std::string terms{};
    bool waits = false;
    std::optional<TimePoint> not_before{};
    std::string waits_for{};  ///< "": company or its time
    std::optional<JobId> chained_from{};
    Spent spent{};
    std::optional<TimePoint> released_at{};  ///< for restore(); not read
};

/// The table `jobs`. Each change of a row is one statement, so that no crash can come into the middle of it;
/// changes that belong together are grouped with Database::transact. `database` must outlive it. I/O thread
/// only. Errors: SQLite's.
class Jobs {
public:
    explicit Jobs(Database& database) : database_(database) {}

    /// Adds a job in the state `claimed`; its id is filled in by the database.
    Result<JobId> add(const Job& job);
    Result<std::optional<Job>> find(JobId id);
    /// By the key, which names its work directory too. No two jobs share one.
    Result<std::optional<Job>> find_by_key(const std::string& key);
    /// Adds a job in whatever state it has, with its id where that is not taken. For recovery only. An ended
    /// job counts as cleaned at `cleaned_at`.
    Result<JobId> restore(const Job& job, std::optional<TimePoint> cleaned_at);
    /// When the oldest was claimed that has not ended; nothing where all have.
    Result<std::optional<TimePoint>> oldest_open();
    /// The highest number of a job; 0 where there is none.
    Result<JobId> newest();
    /// How many there are, ended ones too.
    Result<std::uint64_t> count_all();
    /// How many of those that have not ended wait in their queues for company or for their time.
    Result<std::uint64_t> count_waiting();
    /// Ids of the jobs in `state`, oldest first, at most `count_max`.
    Result<std::vector<JobId>> in_state(JobState state, std::size_t count_max);
    /// All of them.
    Result<std::vector<JobKey>> keys_in_state(JobState state);
    /// As in_state(), of those whose file has more than `above` bytes, which may be 0 for all, and at most
    /// `up_to`. `state` is claimed or delivering.
    Result<std::vector<JobId>> of_size(JobState state, std::uint64_t above, std::uint64_t up_to,
                                       std::size_t count_max);
    /// Removes the record of a job, with its batches, before another one takes its place: see restore().
    Result<void> remove(JobId id);
    /// Removes a claim whose file was no longer there: nothing was taken, so nothing is remembered. A job
    /// that is further than that stays.
    Result<void> forget(JobId id);

    /// Errors: illegal when the table of states.hpp does not know the change.
    Result<void> change_state(JobId id, JobState to);
    /// What the file holds, once it was read: `failed` of its requests can't be submitted.
    Result<void> record_plan(JobId id, std::uint64_t requests, std::uint64_t failed, std::uint64_t size_bytes,
                             const std::string& sha256, const std::string& input_stamp = {});
    /// Says why the job will end as `failed`. The first reason stays.
    Result<void> record_reason(JobId id, const std::string& reason);
    /// The file was altered after it was taken.
    Result<void> record_input_changed(JobId id);
    /// Ids of the open jobs without terms.
    Result<std::vector<JobId>> without_terms();
    /// The settings that the job is under, where it has none yet: it is of an earlier version, or recovered.
    Result<void> record_terms(JobId id, const std::string& terms);
    /// A cancel was taken up. The first time stays.
    Result<void> record_cancel_asked(JobId id, TimePoint at);
    /// The newest job that sends the failed requests of `id` again, and was not rejected.
    Result<std::optional<JobId>> last_retry_of(JobId id);
    /// What a batch came to, in requests, tokens and money.
    struct Progress {
        std::uint64_t succeeded = 0, failed = 0, input_tokens = 0, output_tokens = 0;
        Spent spent = Spent::nothing();
    };
    Result<void> add_progress(JobId id, const Progress& more);
    /// The final state, with where the folder is. Errors: as change_state().
    Result<void> finish(JobId id, JobState state, const Path& delivered_to, TimePoint at);

    /// Names of the providers of which jobs or batches are left to work on, by the names in the
    /// configuration.
    Result<std::vector<std::string>> providers_in_use();
    /// Ended jobs for this provider whose work directory is still there.
    Result<std::vector<JobId>> to_clean(const std::string& provider, std::size_t count_max);
    /// The work directory is gone.
    Result<void> record_cleaned(JobId id, TimePoint at);
    /// What is old enough to be forgotten.
    struct Old {
        TimePoint before;         ///< jobs that ended, and what was noted, before this moment
        TimePoint let_go_before;  ///< and of what a queue let go since, nothing: it counts in a budget
    };
    /// Removes up to `count_max` ended, cleaned jobs (with their batches and commands) and as many events, in
    /// a transaction of its own. Answers how many rows: 0 when none is left. The newest of each stays, so
    /// that no number is given to another one.
    Result<std::uint64_t> remove_old(const Old& old, std::size_t count_max);

    struct Counts {
        std::uint64_t open = 0;      ///< not in a final state
        std::uint64_t to_clean = 0;  ///< ended, with a work directory
    };
    /// Both by partial indexes: what has ended and is cleaned costs nothing.
    Result<Counts> count();

private:
    /// As in Batches.
    Result<void> expect_change(JobId id, JobState to);

    Database& database_;
    JobId newest_forgotten_;
};

}  // namespace batchd::store
