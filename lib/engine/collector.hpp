#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "engine/cut_file.hpp"
#include "engine/ended_batch.hpp"
#include "engine/model_holds.hpp"
#include "engine/ports.hpp"
#include "engine/worker.hpp"
#include "jsonl/match_results.hpp"

namespace batchd::engine {

/// Fetches what ended batches have given, finds for each request what became of it, and sends out again what
/// is worth it, as a new attempt of the shard. When the last batch of a job is collected, the job goes to the
/// deliverer.
class Collector {
public:
    Collector(Ports& ports, ModelHolds& holds);

    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    using Step = boost::asio::awaitable<Progress>;
    struct Subject {
        store::Batch batch;
        store::Job job;
    };
    /// What an attempt came to, to be committed as one.
    struct Outcome {
        store::Batches::Tally tally;
        std::uint64_t again = 0;          ///< requests in the next attempt; 0: there is none
        std::uint64_t run = 1;            ///< of the next attempt
        std::uint64_t setbacks = 0;       ///< of the next attempt
        std::string reuse_file_id;        ///< the next attempt needs no upload
        std::string unused_file_id;       ///< nothing of it ran, and the next attempt has another file
        std::vector<CutPart> new_shards;  ///< cut off; their prepared files are written
        std::string reason;               ///< the job will end as failed for it
    };

    /// The result files of a batch that are in the work directory.
    struct Fetched {
        std::vector<Path> files;
        bool one_is_gone = false;  ///< the provider no longer has one of them
    };

    Step collect(std::int64_t id);
    Step collect_answers(const Subject& subject);
    jsonl::MatchOptions options_for(const Subject& subject, const Fetched& fetched) const;
    Step fetch(const Subject& subject, spool::ShardFile kind, std::string file_id, Fetched& fetched);
    Step set_aside(const Subject& subject, Ending ending);
    Step send_again(const Subject& subject, const Ending& ending);
    Step give_up(const Subject& subject, const Ending& ending);
    /// The provider has no room for it: waits, or makes it smaller.
    Step find_room(const Subject& subject, const Ending& ending);
    Step make_smaller(const Subject& subject, std::uint64_t token_limit);
    /// `part_bytes_max` counts where nothing is decided yet.
    Step cut(const Subject& subject, std::uint64_t part_bytes_max);
    boost::asio::awaitable<Result<std::vector<CutPart>>> decide_cut(const Subject& subject,
                                                                    std::uint64_t part_bytes_max);
    Result<std::uint64_t> take_shard_numbers(store::JobId job, std::uint64_t taken, std::uint64_t count);

    Progress commit(const Subject& subject, const Outcome& outcome);
    Result<void> add_attempts(const Subject& subject, const Outcome& outcome);
    Result<void> add_attempt(const Subject& subject, const Outcome& outcome, const spool::ShardAttempt& to,
                             std::uint64_t requests);
    void report(const Subject& subject, const jsonl::MatchReport& report);
    Path file(const Subject& subject, spool::ShardFile kind) const;
    Path next_prepared(const Subject& subject) const;

    Ports& ports_;
    ModelHolds& holds_;
    std::map<store::JobId, std::uint64_t>
        last_shard_;  // that was given out, of jobs with batches that were cut
    Worker worker_;
};

}  // namespace batchd::engine
