#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/spent.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/provider_calls.hpp"

namespace batchd::store {

/// Of the batches for one model in one queue that were collected.
struct ModelCount {
    std::string model;
    std::string queue;
    std::uint64_t succeeded = 0, failed = 0, input_tokens = 0, output_tokens = 0, cached_tokens = 0;
    std::int64_t cost = 0, cost_sync = 0;  ///< nano-dollars, of what could be priced
    /// Likewise, what was less than at the price without batches; what was more takes nothing from it.
    std::int64_t saved = 0;
    std::uint64_t unpriced = 0;
    std::uint64_t retried =
        0;  ///< requests of submitted batches that ended in neither way, and went out again
};

/// How often `batchd hooks` has run the command of a [notify.NAME].
struct HookCount {
    std::uint64_t succeeded = 0, failed = 0;
};

/// The upper bounds of the classes of job durations: from a minute, which direct calls may take, to the two
/// days of a batch that was sent twice. Seconds.
inline constexpr std::array<std::uint64_t, 9> kDurationBounds{60,     300,    900,    3'600,  10'800,
                                                              21'600, 43'200, 86'400, 172'800};

/// How long the jobs of a queue took, from the claim to their end.
struct DurationCount {
    std::array<std::uint64_t, kDurationBounds.size() + 1> jobs{};  ///< by class; the last is above all bounds
    std::uint64_t seconds = 0;                                     ///< of all together
};

/// Names of hooks with a count of their own. They come from events that whoever may use the control socket
/// can have written; what is beyond it is counted as "other".
inline constexpr std::size_t kHooksMax = 50;

/// How much there is on record, and how much has ended.
struct Counts {
    std::map<std::string, std::uint64_t> jobs;     ///< on record, by state
    std::map<std::string, std::uint64_t> ended;    ///< jobs that have ended, by state; never less than before
    std::map<std::string, std::uint64_t> batches;  ///< on record, by phase
    std::vector<ModelCount> models;                ///< likewise never less; the largest first
    std::map<std::string, DurationCount> durations;  ///< likewise, by queue
    std::map<std::string, std::uint64_t> events;     ///< likewise, by kind, of those that are to be watched
    std::map<std::string, HookCount> hooks;          ///< likewise, by NAME, kHooksMax at most
    std::uint64_t uploaded_bytes = 0;                ///< likewise, files of batches that were collected
    std::vector<ProviderCalls> calls;                ///< likewise, to all providers there ever were
    std::optional<TimePoint> started_at;             ///< the daemon, the last time that is on record
    std::uint64_t overdue = 0;                       ///< batches at a provider
    std::optional<TimePoint> oldest_batch;           ///< when it was submitted, of those at a provider
};

/// Counts a state that changes, for readers who come again and again: all of it is read once, and from then
/// on what is new. What has ended stays counted when it is cleaned away, as sums for Prometheus must.
class Counting {
public:
    /// As it is now. A database with lower numbers than before is another one: it is counted from its start.
    /// Errors: SQLite's.
    Result<Counts> look(Database& database);

private:
    using ByWord = std::map<std::string, std::uint64_t>;

    /// Within one read transaction, so that all figures are of one moment.
    Result<void> count(Database& database, Counts& counts);
    /// Reads everything; the only call that takes as long as there is much on record.
    Result<void> begin(Database& database);
    /// What is open now, and what has ended since the look before.
    Result<void> add_jobs(Database& database, Counts& counts);
    /// Only where the sums do not fit what is on record any more.
    Result<void> recount_jobs(Database& database, std::uint64_t on_record, const Counts& counts);
    Result<void> add_batches(Database& database, Counts& counts);
    Result<void> add_events(Database& database, Counts& counts);
    Result<void> add_hooks(Database& database);
    /// Batches with numbers from `first` to `last`.
    Result<void> add_collected(Database& database, std::int64_t first, std::int64_t last);
    void add(const ModelCount& count);

    bool begun_ = false;
    std::int64_t last_job_ = 0, last_batch_ = 0, last_event_ = 0;
    std::vector<std::int64_t> open_jobs_, open_batches_;  ///< when they were last looked at; sorted
    ByWord ended_, kept_;                                 ///< jobs that have ended, ever and on record
    ByWord events_;
    std::map<std::string, HookCount> hooks_;
    std::uint64_t uploaded_bytes_ = 0;
    std::map<std::string, DurationCount> durations_;
    std::optional<TimePoint> started_at_;
    std::map<std::pair<std::string, std::string>, ModelCount> models_;
};

}  // namespace batchd::store
