#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/bill/part_figures.hpp"
#include "engine/collect/cut_file.hpp"
#include "engine/end/end_evidence.hpp"
#include "engine/end/ended_batch.hpp"
#include "engine/fallback/next_provider.hpp"
#include "engine/look/surveyor.hpp"
#include "engine/record/journal.hpp"
#include "engine/room/model_holds.hpp"
#include "engine/stage/holding.hpp"
#include "engine/stage/worker.hpp"
#include "engine/terms/terms.hpp"
#include "engine/twins/twins.hpp"
#include "engine/wakes.hpp"
#include "jsonl/match/match_results.hpp"
#include "jsonl/match/split_refused.hpp"
#include "jsonl/rows/row_file.hpp"
#include "money/batch_bill.hpp"
#include "money/price_file/prices.hpp"
#include "provider/provider.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Fetches what ended batches have given, finds for each request what became of it, and sends out again what
/// is worth it, as a new attempt of the shard. When the last batch of a job is collected, the job goes to the
/// deliverer.
class Collector {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        const spool::Layout& layout;
        store::Store& store;
        Clock& clock;
        boost::asio::thread_pool& pool;
        Journal& journal;
        Wakes& wakes;
        money::Prices& prices;
        const std::string& name;  ///< of the account, in the configuration and in the database
        const config::Provider& account;
        provider::Provider& provider;
        AccountWakes& own_wakes;
    };

    Collector(const Ports& ports, ModelHolds& holds, Surveyor& surveyor, Twins& twins);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }
    /// A cancel has waited long enough for this batch: what is there is taken, whatever is being waited for.
    void hurry(store::BatchRowId id) { worker_.interrupt(id.value); }

    /// Somebody cancels it: what has ended of it is looked at now, whatever it waits for.
    void take_up_cancel(store::JobId job);

private:
    using Step = boost::asio::awaitable<Progress>;
    /// A batch that has ended, with what is needed to judge it. Read anew each time that the row is worked
    /// on.
    struct Subject {
        store::Batch batch;
        store::Job job;                  ///< what stands for all of them, where several share it
        std::vector<store::Part> parts;  ///< whose requests they are, by row
        /// The rules that its job was taken under. Default where they can't be read and nothing is sent again
        /// anyway.
        Terms terms{};
        /// Of its validation, where it has failed and the provider was asked.
        std::vector<provider::ValidationError> errors{};
    };
    /// What an attempt came to, to be committed as one.
    struct Outcome {
        store::Batches::Tally tally;
        std::uint64_t again = 0;     ///< requests in the next attempt; 0: there is none
        std::uint64_t run = 1;       ///< of the next attempt
        std::uint64_t setbacks = 0;  ///< of the next attempt
        std::string reuse_file_id;   ///< the next attempt needs no upload
        std::string provider{};      ///< of the next attempt, where it is another; these two are its words …
        std::string model{};         ///< … for what both are called
        std::string endpoint{};
        std::string unused_file_id;  ///< a file at the provider that nobody needs any more
        std::string unused_why = "its batch ran nothing";
        std::vector<CutPart> new_shards;  ///< cut off; their prepared files are written
        std::string reason;               ///< the job will end as failed for it
        bool has_files = true;            ///< false: none of the rows that are counted stands in one
        /// What it came to for each part; empty where that is the tally.
        std::vector<store::Parts::Figures> figures{};
    };

    /// Where requests may go that this provider has not answered.
    struct Exit {
        bool is_cancelled = false;  ///< somebody has asked for it, of all jobs whose batch it is
        bool is_open = false;       ///< there is a fallback, and nobody has asked for the job's cancel
        bool is_late = false;       ///< … and the deadline is over
    };

    /// What was seen of a batch in the looks before; in memory, for a start looks anew.
    struct Looks {
        unsigned count = 0;
        Millis since{0};  ///< uptime of the first
        std::optional<EndLook> last;
        bool files_are_sound = false;  ///< what was downloaded need not be fetched again
    };
    /// The result files of a batch that are in the work directory.
    struct Fetched {
        std::vector<Path> files;
        std::vector<std::pair<std::string, Path>> by_id;  ///< those of them whose length can be asked for
        std::vector<std::pair<Path, Path>> anew;  ///< fetched once more, and which file it is to replace
        std::string gone;                         ///< which one the provider no longer has, and its words
        bool complete = true;                     ///< every file that the batch names is here
    };
    /// What was read of them, and what that costs.
    struct Answers {
        jsonl::ResultMatch match;
        money::BatchBill bill;
        PartCharges charges;
    };
    /// Asking the provider for the batch.
    struct Asked {
        bool go_on = true;  ///< false: `wait` says what is to be waited for, nothing: it is watched again
        Progress wait{};
    };

    /// One row, as far as it goes: until it is committed as collected, or waits.
    Step collect(std::int64_t id);
    /// Judges it and does what follows. With `last_look` nothing more is asked of the provider: what is on
    /// the disk counts.
    Step collect(Subject& subject, bool last_look);
    /// It was never sent: its requests end as cancelled or, of those who share it and go on, are sent again.
    Step collect_withdrawn(const Subject& subject);
    /// Rows of the next attempt as it was made once before, of a batch of which nothing ran; nothing where it
    /// was not, or somebody has answered any. Blocking.
    Result<std::optional<std::vector<std::uint64_t>>> rows_made_before(const Subject& subject) const;
    /// It has run: fetches what it answered, and takes it once there is reason to believe that it is all.
    Step collect_answers(Subject& subject, bool last_look);
    /// One look at the batch and its files; nothing is decided by it. The first one believes what the row
    /// says, for the poller has just asked. What is on record as an end was said by the batch itself.
    Step look(Subject& subject, bool last_look, Fetched& fetched, Answers& answers);
    /// The point of no return: sorts the rows into answered, failed and again, and commits that. `fetched`:
    /// what they were read from.
    Step take_answers(Subject& subject, Answers answers, const EndDecision& decision, Fetched fetched);
    /// What becomes of requests for which the account could not pay. They wait for money, and have lost
    /// nothing, for as long as the account pays for no others meanwhile.
    jsonl::WithoutMoney without_money(const Subject& subject, const Exit& exit) const;
    /// What is waited for before the next attempt goes: for money, or longer each time for a provider that
    /// has failed with most of the requests. Says in `outcome` what that makes of it.
    void pause_before_next(const Subject& subject, const jsonl::MatchReport& sorted,
                           jsonl::WithoutMoney without_money, Outcome& outcome);
    /// Nothing of its model is sent for a while, which it answers: longer the more was `before` it.
    Millis hold_in_trouble(const Subject& subject, std::uint64_t before);
    /// Whether a batch was answered that was submitted behind this one.
    bool others_were_paid(const store::Batch& batch) const;
    /// Results on our own disk that nobody needs any more.
    void release_results(const Subject& subject, const Fetched& fetched, const jsonl::MatchReport& sorted,
                         Outcome& outcome) const;
    /// Does what judge() has decided of a batch of which nothing ran.
    Step act_on(const Subject& subject, Ending ending);
    /// Brings `subject` and its row to what the batch says of itself, asked by its id.
    boost::asio::awaitable<Asked> ask(Subject& subject);
    /// It says that it has not ended after all: the poller watches it again.
    Progress take_back(const Subject& subject, const provider::BatchObject& object);
    /// Nothing more is asked: a cancel has waited long enough.
    bool is_last_look(const Subject& subject) const;
    /// Waits, held, where the batch was made at another address than calls go to now.
    Progress hold_elsewhere(Subject& subject);
    /// Reads the job's terms. Which of its requests may go out again can't be told without them, so it waits,
    /// held, with all its answers at the provider, unless nothing of it is sent again in any case.
    Progress take_terms(Subject& subject);
    /// Keeps `look` for the next one to be compared with, and waits for that.
    Progress look_again(Looks& looks, EndLook look);
    /// A batch that has failed without a reason may say it a little later, or not have failed.
    Progress wait_for_reasons(const Subject& subject);
    /// Until retry.result_patience is over; never below zero.
    Millis patience_left(const Looks& looks) const;
    /// Counts a look, and says how long to wait for the next one.
    Millis pause_after(Looks& looks) const;
    /// The files of this attempt and of the next one, in the folder of its job or bundle.
    jsonl::MatchPaths paths_of(const Subject& subject, std::vector<Path> results) const;
    jsonl::MatchOptions options_for(const Subject& subject, jsonl::Unanswered unanswered) const;
    /// No further attempt here.
    bool is_last_attempt(const Subject& subject) const;
    /// Both result files, as far as the batch names them. What was downloaded soundly before is not
    /// downloaded again.
    Step fetch_all(const Subject& subject, bool last_look, Fetched& fetched);
    /// Its results lie on our own disk.
    bool lies_here(const Subject& subject) const;
    /// One of them. With `anew` it is downloaded beside the one that is there, which keep_the_better() then
    /// replaces or keeps.
    Step fetch(const Subject& subject, spool::ShardFile kind, std::string file_id, bool anew,
               Fetched& fetched);
    /// What earlier looks have left of the result files, without asking anybody.
    Result<void> find_on_disk(const Subject& subject, Fetched& fetched) const;
    /// A file that shows fewer answers than the one before it replaces nothing.
    Step keep_the_better(const Subject& subject, bool is_worse, Fetched& fetched);
    /// Matches the lines of the files with the requests, and prices them. Reading decides nothing and writes
    /// nothing.
    boost::asio::awaitable<Result<Answers>> read(const Subject& subject, const Fetched& fetched);
    /// Waits, held, where its files are not found and it was made with another key: they may be another
    /// project's.
    Progress hold_with_another_key(const Subject& subject);
    /// There are gateways that repeat a create: a second batch of this one is stopped, or said. Nothing waits
    /// for a listing that fails, or not for long.
    boost::asio::awaitable<void> look_for_twins(const store::Batch& batch);
    boost::asio::awaitable<void> cancel_twins_of(const store::Batch& batch);
    void pause_twin_looks();
    /// Whether a file has another size than the provider says; `sound` becomes false where it does not say.
    Step hold_against_sizes(const Fetched& fetched, bool& has_another_size, bool& sound);
    /// Of its job, this one included; 0 where this one has not failed.
    Result<std::uint64_t> count_failed_batches(const Subject& subject) const;
    /// Puts these lines aside, as failed, and the others into the next attempt's file.
    boost::asio::awaitable<Result<jsonl::RefusedReport>> take_out(
        const Subject& subject, const std::map<std::uint64_t, jsonl::LineError>& lines);
    /// The lines that the provider refuses fail, and the rest goes out again.
    Step set_aside(const Subject& subject, Ending ending);
    /// All of it once more, when there is room or money, or with a new upload: nothing of it ran.
    Step send_again(const Subject& subject, const Ending& ending);
    /// All requests once more, for the next attempt.
    boost::asio::awaitable<Result<void>> copy_to_next(const Subject& subject);
    /// The provider failed by a fault of its own: the same file again, after a pause that grows.
    Step send_same_again(const Subject& subject);
    /// Every request fails with the same error, and the job ends as failed.
    Step give_up(const Subject& subject, const Ending& ending);
    Step collect_without_files(const Subject& subject);
    /// Asked anew each time, for a cancel may come between any two steps.
    Exit exit_for(const Subject& subject) const;
    /// What this provider can't run goes to the fallback, but for the lines that have failed here.
    Step send_elsewhere(const Subject& subject, const Ending& ending, const Exit& exit);
    /// Where the next attempt goes, on disk before its lines are: decide_next_provider().
    boost::asio::awaitable<Result<NextProvider>> next_provider(const Subject& subject, const Exit& exit,
                                                               bool is_for_fallback);
    /// Rewords the rows of the next attempt where it goes `to` the fallback, and says so in `outcome`.
    Step take_exit(const Subject& subject, const Exit& exit, NextProvider to, Outcome& outcome);
    /// The provider has no room for it: waits, or makes it smaller.
    Step find_room(const Subject& subject, const Ending& ending);
    /// Cuts it into parts that fit the limit; a single request that does not fit fails.
    Step make_smaller(const Subject& subject, std::uint64_t token_limit);
    /// In two, to find out which of its requests the provider means.
    Step halve(const Subject& subject);
    /// Whether it was cut by an earlier run, and that still holds.
    Result<bool> cut_counts(const Subject& subject) const;
    /// The parts were decided by an earlier run, and its decision stands in work/.
    Step cut_as_decided(const Subject& subject);
    /// `cut_into` counts where nothing is decided yet.
    using CutInto = std::function<std::vector<std::uint64_t>(std::span<const jsonl::RowRef>)>;
    boost::asio::awaitable<Result<Outcome>> cut(const Subject& subject, CutInto cut_into);
    /// What is decided already, else what `cut_into` says, which is on disk when it returns.
    boost::asio::awaitable<Result<std::vector<CutPart>>> decide_cut(const Subject& subject, CutInto cut_into);
    /// The first of `count` numbers of shards that no part of the job has; `taken`: the highest in its cut
    /// files.
    Result<std::uint64_t> take_shard_numbers(const Subject& subject, std::uint64_t taken,
                                             std::uint64_t count);

    /// `sorted` and `charges`: of a batch whose answers were read.
    Step commit(const Subject& subject, Outcome outcome, const jsonl::MatchReport* sorted = nullptr,
                const PartCharges* charges = nullptr);
    /// What the next attempts have of each part, by their prepared files.
    struct NextParts {
        spool::ShardAttempt attempt;
        std::uint64_t requests = 0;
        std::vector<std::uint64_t> of_parts{};
    };
    /// Of a shared batch: what each part came to, and what of it goes out again. Blocking.
    Result<std::vector<NextParts>> split(const Subject& subject, Outcome& outcome,
                                         const jsonl::MatchReport* sorted, const PartCharges* charges) const;
    /// The batch as collected, with the figures of its parts and jobs. Part of the caller's transaction, as
    /// is what follows.
    Result<void> record(const Subject& subject, const Outcome& outcome);
    /// The row of a next attempt, which the submitter of its account will take up.
    Result<void> add_attempt(const Subject& subject, const Outcome& outcome, const NextParts& next);
    Result<std::vector<store::Part>> parts_of_next(const Subject& subject, const NextParts& next) const;
    /// As events: rows that were not expected, answers that were lost, and what goes out again.
    void report(const Subject& subject, const jsonl::MatchReport& report);
    Path file(const Subject& subject, spool::ShardFile kind) const;
    Path next_prepared(const Subject& subject) const;

    const Ports ports_;
    Holding holding_{ports_.store, ports_.clock, ports_.journal, ports_.wakes};
    ModelHolds& holds_;
    Surveyor& surveyor_;
    Twins& twins_;
    std::map<std::int64_t, Looks> looks_;
    std::map<std::int64_t, Looks> reasonless_;  // of batches that have failed and do not say why
    std::map<std::string, std::uint64_t>
        last_shard_;  // that was given out, of jobs (by their keys) with batches that were cut
    Millis no_twin_look_until_{0};
    std::optional<TimePoint> paid_until_;  // when the newest batch was submitted of which any was answered
    Worker worker_;
};

}  // namespace batchd::engine
