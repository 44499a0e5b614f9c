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
    struct Provider {
        std::string name;  ///< "default" for [provider]
        std::string kind;
        std::string base_url;
        std::map<std::string, std::uint64_t> limits;           ///< of enqueued tokens, by model
        std::map<std::string, std::uint64_t> enqueued_tokens;  ///< estimated, by model
        std::string activity{};  ///< what it does by itself at this moment, for people; "" where nothing
    };
    std::vector<Provider> providers;  ///< "default" first

    std::vector<store::JobOverview> jobs;  ///< only the one that was asked for, with what follows
    struct Details {
        std::vector<store::Batch> batches;
        std::vector<store::Event> events;
        std::optional<ErrorGroups> errors{};  ///< why requests failed; nothing: not known (yet)
    };
    std::optional<Details> details;
};

/// Reads the state of the daemon with these settings in one transaction. `job`: a number or NAME, "" for all.
/// Errors: not_found where there is no such job; SQLite's.
Result<Status> read_status(store::Store& store, const config::Settings& settings, const std::string& job,
                           TimePoint now);

/// Likewise, with the jobs that a search finds, the newest first.
Result<Status> read_found(store::Store& store, const config::Settings& settings,
                          const store::JobSearch& search, TimePoint now);

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
