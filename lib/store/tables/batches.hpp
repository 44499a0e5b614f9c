#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/spent.hpp"
#include "store/sqlite/database.hpp"
#include "store/states.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::store {

/// The number of a row of `batches`; 0 is none. Not the provider's id of the batch.
struct BatchRowId {
    std::int64_t value = 0;
    auto operator<=>(const BatchRowId&) const = default;
};

/// A row of `batches`: one submission of one shard; schema.sql says what each column means.
struct Batch {
    BatchRowId id;
    JobId job_id;  ///< 0 where several jobs share it
    std::uint64_t shard = 1;
    std::uint64_t attempt = 1;
    std::uint64_t run = 1;
    std::uint64_t setbacks = 0;
    std::string key;
    std::string batch_id;
    BatchPhase phase = BatchPhase::planned;
    std::string status;
    std::string endpoint;
    std::string model;
    std::uint64_t requests = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::string input_file_id;
    std::string output_file_id;
    std::string error_file_id;
    std::uint64_t estimated_tokens = 0;
    std::uint64_t input_tokens = 0;
    std::uint64_t output_tokens = 0;
    TimePoint created_at{};
    std::optional<TimePoint> intent_at;
    std::optional<TimePoint> repeat_of;
    std::optional<TimePoint> submitted_at;
    std::optional<TimePoint> status_since;
    std::optional<TimePoint> overdue_at;
    std::optional<TimePoint> deadline_at;
    std::optional<TimePoint> expires_at;
    std::optional<TimePoint> ended_at;
    std::string error;
    std::optional<TimePoint> cancel_sent_at;
    std::optional<Outcome> outcome;
    std::string base_url;
    std::string account;
    std::uint64_t doubts = 0;
    std::optional<TimePoint> answered_at;
    std::optional<TimePoint> missing_since;
    std::optional<TimePoint> held_since;
    std::string held;
    bool recognised = false;
    std::uint64_t lost = 0;
    std::string provider = "default";
    Spent spent{};
    std::string prices{};
    std::string told_usage{};
    std::uint64_t possibly_repeated = 0;
    std::string bundle{};
    std::string share{};
    std::int64_t priority = 0;
    /// Of a shared one, in of_job(): when the job left it.
    std::optional<TimePoint> left_at{};

    bool is_shared() const { return !bundle.empty(); }
    /// The job, where it is one job's alone.
    std::optional<JobId> only_job() const { return is_shared() ? std::nullopt : std::optional(job_id); }
};

/// The account under which a batch's file and batch are made: they can only be found there again.
struct MadeUnder {
    std::string base_url;
    std::string account;  ///< a digest of the key, organization and project; never the key
};

/// What a poll learned of a batch.
struct Sighting {
    std::string status;           ///< the provider's own word
    std::uint64_t completed = 0;  ///< requests, by the provider's count
    std::uint64_t failed = 0;
    std::optional<TimePoint> expires_at;  ///< where it says none, the one on record stays
    std::string output_file_id;           ///< "" while there is none; likewise the other texts
    std::string error_file_id;
    std::string error;
    std::string usage{};  ///< as `batches.told_usage`; where it says none, the one on record stays
    Outcome outcome = Outcome::ended;  ///< counts for record_end() only
};

/// The table `batches`. Each change of a row is one statement, so that no crash can come into the middle of
/// it; changes that belong together are grouped with Database::transact. `database` must outlive it. I/O
/// thread only. Errors: SQLite's. Calls that change a phase answer `illegal` when the table of states.hpp
/// does not know the change, or there is no such row; the others do nothing for a row that is not there.
class Batches {
public:
    explicit Batches(Database& database) : database_(database) {}

    // Reading and adding rows.

    /// Adds a row in phase `planned`, or `uploaded` when it comes with the file of an attempt that was
    /// refused; with its part, where it is of one job.
    Result<void> add(const Batch& batch);
    /// Adds a row of a batch that several jobs share; its parts are still to come. Answers its id.
    Result<BatchRowId> add_shared(const Batch& batch);
    /// Adds a batch of an ended job, collected, with the figures that it has. One whose id or key is on
    /// record already is left out. For recovery only.
    Result<void> restore(const Batch& batch);
    Result<std::optional<Batch>> find(BatchRowId id);
    /// By our mark at the provider, which no two rows share.
    Result<std::optional<Batch>> find_by_key(const std::string& key);
    /// All attempts of all shards of a job, by shard and then attempt. Of one that is shared, what is of this
    /// job: its shard and attempt there, its requests, and once it is collected its share of the figures.
    Result<std::vector<Batch>> of_job(JobId job);

    // What the stages have to do, for one provider by its name.

    struct ToSubmit {
        BatchRowId id;
        std::int64_t priority = 0;
    };
    /// What the submitter has to do (planned to creating), by priority, the oldest first; without what waits
    /// to be put together with others (see parts.hpp).
    Result<std::vector<ToSubmit>> to_submit(const std::string& provider, std::size_t count_max);
    /// Ids of what the collector has to do (ended), oldest first.
    Result<std::vector<BatchRowId>> to_collect(const std::string& provider, std::size_t count_max);
    /// Ids of what the canceller has to do: at the provider, of a job that was cancelled, and the provider
    /// was not told yet.
    Result<std::vector<BatchRowId>> to_cancel(const std::string& provider, std::size_t count_max);
    /// Likewise: those at the provider whose deadline is over, the latest first.
    Result<std::vector<BatchRowId>> late(const std::string& provider, TimePoint now, std::size_t count_max);
    /// Those whose deadline is over before they were submitted.
    Result<std::vector<BatchRowId>> late_unsent(const std::string& provider, TimePoint now);
    /// The first deadline after `now` of what is not collected yet.
    Result<std::optional<TimePoint>> next_deadline(const std::string& provider, TimePoint now);

    /// A batch that a cancelled job waits for: it is not collected yet. Of a shared one, all who were in it
    /// have been cancelled; for those who are not alone in it see Parts::of_cancelled_jobs().
    struct OfCancelled {
        BatchRowId id;
        BatchPhase phase = BatchPhase::watching;
        TimePoint asked_at{};  ///< when the cancel was asked for, or the last of them left
        std::optional<TimePoint> ended_at;
    };
    Result<std::vector<OfCancelled>> of_cancelled_jobs(const std::string& provider);

    /// A batch that the poller watches, with as little of it as polling needs, for there may be ten thousand.
    struct Watched {
        BatchRowId id;
        std::string batch_id;
        TimePoint submitted_at;
        std::string base_url{};
    };
    /// All in phase `watching`, oldest first.
    Result<std::vector<Watched>> watched(const std::string& provider);
    Result<std::uint64_t> count_watched(const std::string& provider);
    /// Batches that are watched, of all providers.
    Result<std::uint64_t> count_watched();

    // What is known of the provider's side.

    /// A batch that the provider has, with what it is known by there.
    struct InFlight {
        std::string batch_id, key, input_file_id, base_url, account;
        TimePoint submitted_at{};
    };
    /// All in phase `watching`, in no order.
    Result<std::vector<InFlight>> in_flight(const std::string& provider);
    /// What is known of a batch whose create was answered with a batch, though not with one that is ours at
    /// sight: it exists.
    struct Answered {
        std::string key, input_file_id, base_url;
        TimePoint answered_at{};
    };
    Result<std::vector<Answered>> answered_unseen(const std::string& provider);
    /// True when a row has this id of the provider's: the batch is on record.
    Result<bool> knows(const std::string& batch_id);
    /// Estimated tokens of the batches of `model` that the provider has, or may have: those of a create that
    /// is not answered yet count as well.
    Result<std::uint64_t> enqueued_tokens(const std::string& provider, const std::string& model);
    /// Batches of `model` besides `id` that the provider had, or may have had, at some time between the two.
    Result<std::uint64_t> count_beside(BatchRowId id, const std::string& provider, const std::string& model,
                                       TimePoint since, TimePoint until);
    /// The highest number of a shard of the batch's job, or bundle; 0 where it has none.
    Result<std::uint64_t> last_shard(const Batch& batch);
    /// The provider's words for all batches of the same job, or bundle, that it has or had.
    Result<std::vector<std::string>> words_of_all(const Batch& batch);
    /// Batches of the job that are not collected yet, and that it has not left.
    Result<std::uint64_t> count_open(JobId job);
    /// Batches in flight of which it was said that they take too long.
    Result<std::uint64_t> count_overdue();
    /// On what the jobs stand that have not ended.
    struct Left {
        bool moves = false;            ///< one is read, packed, put together or delivered
        bool waits_for_money = false;  ///< likewise, but only another day or a person brings it on
        bool is_held = false;
        std::set<std::string> accounts{};  ///< those with batches that are neither collected nor held
    };
    Result<Left> what_is_left();

    // Before a call that costs.

    /// Commits the intent: `uploading` or `creating`, when, and in whose account. A create is in doubt from
    /// then on, until it is known what came of it.
    Result<void> begin(BatchRowId id, BatchPhase intent, TimePoint at, const MadeUnder& under = {});
    /// What is known of the call whose intent is taken back.
    enum class Effect {
        none,    ///< the provider said that it had none: there is no doubt about it
        unknown  ///< nothing was found of it
    };
    /// Back to where it was before the intent, or before the upload: `planned` or `uploaded`.
    Result<void> step_back(BatchRowId id, BatchPhase to, Effect effect = Effect::none);
    /// The batch was seen in this account: the key may have been replaced by another of the same project.
    Result<void> record_account(BatchRowId id, const MadeUnder& under);
    /// A create was answered with success, though not with a batch of ours that could be read. The first time
    /// stays. `with`: the id of the batch in the answer, where it had one.
    Result<void> record_answered(BatchRowId id, TimePoint at, const std::string& with = {});
    /// The provider has shown it with our mark, or as made of our file: what it shows without these from now
    /// on is another batch.
    Result<void> record_recognised(BatchRowId id);
    /// A person says that the batch is made of this file.
    Result<void> record_input_file(BatchRowId id, const std::string& file_id);
    /// A person says that nothing of what is in doubt took effect: the doubts are forgotten.
    Result<void> forget_doubts(BatchRowId id);

    // While it waits for somebody. Triggers keep the table `conditions` in step.

    /// The batch can't go on by itself, for the reason `why`, one line for people. The first time stays, and
    /// the newest reason counts.
    Result<void> hold(BatchRowId id, const std::string& why, TimePoint at);
    /// The batch is no longer held; one that was not is fine.
    Result<void> release(BatchRowId id);
    /// The provider says since `at` that it knows no such batch; the first time stays. Nothing: the batch was
    /// seen again.
    Result<void> record_missing(BatchRowId id, std::optional<TimePoint> at);

    // What became of a batch at the provider.

    /// The file is there: phase `uploaded`.
    Result<void> record_upload(BatchRowId id, const std::string& file_id);
    /// The batch is there, created or found: phase `watching`. It is no longer held or in doubt.
    Result<void> record_submission(BatchRowId id, const std::string& batch_id, const std::string& status,
                                   std::optional<TimePoint> expires_at, TimePoint at);
    /// The batch was seen, and its phase stays.
    Result<void> record_sighting(BatchRowId id, const Sighting& sighting, TimePoint at);
    /// So many of its requests may have been answered twice.
    Result<void> record_repeated(BatchRowId id, std::uint64_t possibly_repeated);
    /// The first submission of the shard says when its deadline is: the first time stays.
    Result<void> record_deadline(BatchRowId id, TimePoint at);
    /// The batch takes too long, and people were told so.
    Result<void> record_overdue(BatchRowId id, TimePoint at);
    /// The provider was told to cancel the batch, or said that it is too late for that.
    Result<void> record_cancel_sent(BatchRowId id, TimePoint at);

    // What is recorded once a batch has ended.

    /// As record_sighting, and nothing will change any more: phase `ended`, with the outcome.
    Result<void> record_end(BatchRowId id, const Sighting& sighting, TimePoint at);
    /// Given up by a person: phase `ended`, from whatever phase. Nothing happens when it is collected
    /// already.
    Result<void> abandon(BatchRowId id, TimePoint at);
    /// Phase `ended` back to `watching`: the provider took its word back.
    Result<void> reopen(BatchRowId id, const Sighting& sighting, TimePoint at);
    /// What the answers came to, in requests and tokens.
    struct Tally {
        std::uint64_t succeeded = 0, failed = 0, input_tokens = 0, output_tokens = 0;
        std::uint64_t lost = 0;  ///< of the failed ones, those whose answer could not be read
        Spent spent = Spent::nothing();
        std::string prices{};  ///< that were used; as `batches.prices`
    };
    /// The answers are in files of ours: phase `collected`, the last one.
    Result<void> record_collection(BatchRowId id, const Tally& tally, TimePoint at);

private:
    /// Errors: illegal where the phase on record does not change into that one, or there is no such row.
    Result<void> expect_change(BatchRowId id, BatchPhase to);
    Result<void> change_phase(BatchRowId id, const Sighting& sighting, TimePoint at, BatchPhase to,
                              std::optional<Outcome> outcome);

    Database& database_;
};

}  // namespace batchd::store
