#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "report/errors/error_groups.hpp"
#include "store/query/job_search.hpp"
#include "store/query/overview.hpp"
#include "store/store.hpp"

/// The state of jobs and daemon as data, and as it is shown: `batchd status` and `batchd status --json`.
namespace batchd::report {

/// What `batchd status` shows, read in one look.
struct Status {
    TimePoint now{};
    std::optional<long> pid;                   ///< of the daemon; nothing: it does not run
    std::vector<store::Condition> conditions;  ///< what holds now; activities are their providers'
    /// Batches that conditions are about, where these name them by their rows, by Condition::about. Of so
    /// many conditions as kNeedsShown, in the order of in_order_of_need().
    std::map<std::string, store::BatchSubject> subjects;
    std::vector<store::BatchSubject> overdue;  ///< kNeedsShown at most
    struct Provider {
        std::string name;  ///< "default" for [provider]
        std::string kind;
        std::string base_url;
        /// Of enqueued tokens, by model: what the queues that go to it have, the highest where they differ.
        std::map<std::string, std::uint64_t> limits;
        std::map<std::string, std::uint64_t> enqueued_tokens;  ///< estimated, by model
        std::string activity{};  ///< what it does by itself at this moment, for people; "" where nothing
    };
    std::vector<Provider> providers;  ///< "default" first, in the order of the configuration

    /// In the order of comes_before(), where not a search says otherwise; or only the one that was asked for,
    /// with its details.
    std::vector<store::JobOverview> jobs;
    bool has_more_open = false;  ///< a search has found more jobs that have not ended than are in `jobs`
    /// Of all that is on record, whichever part of it `jobs` is. A batch that many share counts once.
    struct Totals {
        std::uint64_t running_jobs = 0;
        std::uint64_t waiting_jobs = 0;  ///< in their queues
        std::uint64_t batches_at_provider = 0;
    };
    Totals totals;
    struct Details {
        std::vector<store::Batch> batches;
        std::vector<store::Event> events;
        std::optional<ErrorGroups> errors{};  ///< why requests failed; nothing: not known (yet)
    };
    std::optional<Details> details;
};

/// Of conditions and overdue batches, so many are shown on a page.
inline constexpr std::size_t kNeedsShown = 50;
/// Events of one job on a terminal.
inline constexpr std::size_t kEventsShown = 12;

/// Reads the state of the daemon with these settings in one transaction. `job`: a number or NAME, "" for all:
/// those that have not ended, and the last twenty that have. Of one, its last `events_max` events. Errors:
/// not_found where there is no such job; SQLite's.
Result<Status> read_status(store::Store& store, const config::Settings& settings, const std::string& job,
                           TimePoint now, std::size_t events_max = kEventsShown);
/// Likewise, the one job with that number, and never another that is called so.
Result<Status> read_status(store::Store& store, const config::Settings& settings, store::JobId job,
                           TimePoint now, std::size_t events_max = kEventsShown);

/// What is read of providers beside their names.
enum class Enqueued {
    read,
    skip  ///< Provider::enqueued_tokens stays empty: with ten thousand batches in flight it takes a while
};
/// Likewise, with the jobs that a search finds, in the order of JobSearch but that what runs comes first.
Result<Status> read_found(store::Store& store, const config::Settings& settings,
                          const store::JobSearch& search, TimePoint now, Enqueued enqueued = Enqueued::read);

/// What keeps a provider from being used; null where nothing does, or no daemon runs to say so.
const store::Condition* why_closed(const Status& status, const Status::Provider& provider);

/// Fills in details->errors of the job that was asked for: from errors.jsonl in its folder, once it is there.
/// Blocking, for that file is read. Errors: errno where it is there and can't be read; `status` is as it was
/// then.
Result<void> read_errors(Status& status);

/// What is shown to people. Where there is no room for all lines, those in the middle are left out.
struct StatusText {
    std::vector<std::string> lines;
    std::size_t foot = 0;  ///< so many of the last lines say what is waited for, and whether the daemon runs
};
/// For people: lines no wider than `width` (0: as wide as they are).
StatusText status_text(const Status& status, std::size_t width);

/// For programs: one JSON object in one line, as README.md describes it.
std::string status_json(const Status& status);

/// What the summary line is made of: "3 jobs running, 12 batches at the provider; the daemon runs (pid 71)".
std::string status_summary(const Status& status);

}  // namespace batchd::report
