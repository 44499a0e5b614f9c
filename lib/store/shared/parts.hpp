#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/spent.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/batches.hpp"

namespace batchd::store {

/// A row of `parts`, with what is needed of its job; schema.sql says what each column means.
struct Part {
    BatchRowId batch;
    JobId job;
    std::uint64_t shard = 1;
    std::uint64_t attempt = 1;
    std::uint64_t requests = 0;
    std::uint64_t first_row = 0;
    std::uint64_t last_row = 0;
    std::optional<TimePoint> left_at{};
    std::string job_key{};                       ///< to be read only
    std::optional<TimePoint> cancel_asked_at{};  ///< likewise
    JobState job_state = JobState::running;      ///< likewise
};

/// What those who share a batch have in common.
struct Crowd {
    std::uint64_t jobs = 0;
    JobId first;                 ///< of those who have not left the one with the lowest number, or of all
    std::uint64_t given_up = 0;  ///< by so many of them, by a cancel or by leaving it
    std::optional<TimePoint> given_up_at;  ///< when the last of these did
    std::uint64_t requests = 0;            ///< of those who have not left
};

/// A batch that may share and waits, with what is needed to put it together with others.
struct Sharing {
    BatchRowId batch;
    JobId job;
    std::string job_key;
    std::uint64_t shard = 1;
    std::uint64_t requests = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t estimated_tokens = 0;
    bool is_made_of_another = false;  ///< of failed requests of another job, or of its answers
    std::int64_t priority = 0;
};

/// The table `parts`: whose requests a batch has. What many jobs share is changed for all of them in one
/// statement. `database` must outlive it. I/O thread only. Errors: SQLite's.
class Parts {
public:
    explicit Parts(Database& database) : database_(database) {}

    /// The row of its batch is there already.
    Result<void> add(const Part& part);
    /// By the rows of a shared batch.
    Result<std::vector<Part>> of_batch(BatchRowId batch);
    /// In one look, however many jobs there are: `first` is 0 where none is left.
    Result<Crowd> crowd(BatchRowId batch);
    /// Somebody has asked for the cancel of one of its jobs.
    Result<bool> any_cancelled(BatchRowId batch);

    /// What a shared batch has of a job, and where its files are.
    struct OfBundle {
        BatchRowId batch;
        std::uint64_t shard = 1;  ///< of the job
        std::uint64_t first_row = 0, last_row = 0, completed = 0, failed = 0, lost = 0;
        std::optional<TimePoint> left_at;
        bool was_abandoned = false;  ///< why it has left; else it was cancelled
        std::string mark;            ///< of the batch
        std::string bundle;
        std::uint64_t bundle_shard = 1, bundle_attempt = 1;
    };
    Result<std::vector<OfBundle>> of_bundles(JobId job);
    /// All of the batch's jobs are of one queue, whose people may see what belongs to nobody.
    Result<bool> is_of_one_queue(BatchRowId batch);

    // Before it is sent.

    /// The words of batches that wait to be put together, for one provider.
    Result<std::vector<std::string>> words(const std::string& provider);
    /// Those that wait with this word, in the order in which they are sent.
    Result<std::vector<Sharing>> waiting(const std::string& provider, const std::string& word,
                                         std::size_t count_max);
    /// The part of the batch `from`, which is not sent yet, goes with the batch `to`, and `from` is no more.
    /// False where it was begun, or its job cancelled, meanwhile.
    Result<bool> move(BatchRowId from, BatchRowId to, std::uint64_t first_row, std::uint64_t last_row);
    /// The same for a batch that work/ knows and the database does not: whatever was asked for since, its
    /// part may have been sent.
    Result<bool> take_over(BatchRowId from, BatchRowId to, std::uint64_t first_row, std::uint64_t last_row);
    /// It goes by itself.
    Result<void> goes_alone(BatchRowId batch);
    /// The same for all of a job that is not sent yet.
    Result<void> all_go_alone(JobId job);
    /// Its jobs run from now on.
    Result<void> start_jobs(BatchRowId batch);

    // When it ends.

    /// A cancelled job does not wait for shared batches that the provider has, or may have: its requests
    /// there have failed. True when there were any.
    Result<bool> leave(JobId job, TimePoint at);
    /// The same of one shared batch, whatever its phase, for a job that does not wait for it any longer, or
    /// that gives up what it has of it: the batch goes on for the others.
    Result<bool> leave(BatchRowId batch, JobId job, TimePoint at);
    /// A cancelled job that has not left a batch that it shares, and that is not collected yet.
    struct Cancelled {
        BatchRowId batch;
        JobId job;
        BatchPhase phase = BatchPhase::ended;
        TimePoint asked_at{};  ///< when the cancel was asked for
        std::optional<TimePoint> ended_at;
    };
    Result<std::vector<Cancelled>> of_cancelled_jobs(const std::string& provider);
    /// How many others have not left it.
    Result<std::uint64_t> count_others(BatchRowId batch, JobId job);
    /// As it is now: its job may have left since it was read, or be no more.
    Result<bool> has_left(const Part& part);
    /// What a batch came to for one of its jobs. A cost that is nothing is one that nobody knows.
    struct Figures {
        std::uint64_t completed = 0, failed = 0, lost = 0, input_tokens = 0, output_tokens = 0;
        Spent spent = Spent::nothing();
    };
    /// What the collected batch came to for this job; nothing but the cost is taken of one that has left.
    Result<void> record(const Part& part, const Figures& figures);
    /// Adds what was recorded of the batch to its jobs.
    Result<void> add_to_jobs(BatchRowId batch);
    /// Those of the batch's jobs that have nothing open any more are to be delivered; how many.
    Result<std::uint64_t> deliver_complete_jobs(BatchRowId batch);

private:
    Result<bool> is_moved(BatchRowId from);

    Database& database_;
};

}  // namespace batchd::store
