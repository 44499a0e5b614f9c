#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "engine/plan/request_warnings.hpp"
#include "engine/prepare/request_scan.hpp"
#include "engine/prepare/shard_splitter.hpp"
#include "engine/terms/terms.hpp"
#include "spool/layout.hpp"

/// From a claimed file to the files of its batches. Blocking; for the pool.
namespace batchd::engine {

/// What is to be submitted of a file, and what is wrong with it.
struct Plan {
    ScanTotals totals;
    std::vector<Shard> shards;
    std::vector<ScannedBadLine> problems;  ///< the first kProblemsMax of them
    std::vector<Warning> warnings;         ///< of plan_offline() only
    Terms terms;                           ///< that it was made under

    /// More than anybody reads; what is beyond is counted.
    static constexpr std::size_t kProblemsMax = 100;
};

/// How many bad lines are named: a few where the file as a whole is a mistake, for they all say the same.
std::size_t problems_to_name(const Plan& plan);
/// "line 17: …", printable.
std::string to_string(const ScannedBadLine& problem);

/// Reads and splits only: what `batchd check` shows. Errors: as scan_requests(). Writes nothing.
Result<Plan> plan_offline(const Path& input, const Terms& terms, Endpoints whose = Endpoints::as_openai);
/// The same of a file that is open: see scan_opened().
Result<Plan> plan_opened(int fd, const Path& input, const Terms& terms,
                         Endpoints whose = Endpoints::as_openai);

/// Reads, splits and writes the prepared file of each shard into the job's work directory, all durable when
/// it returns; with on_invalid_line = skip also the error lines of the bad ones. What an interrupted run has
/// left is replaced. When the file is to be rejected, nothing of it is worth keeping, and nothing is kept.
/// Errors: as scan_requests().
Result<Plan> plan_job(const spool::Layout& layout, const std::string& job_key, const Terms& terms,
                      const ScanAid& aid = {});

/// True when the file can't be submitted: no request, or a bad line where these are not to be skipped, or
/// something that is no JSON lines at all.
bool is_rejected(const Plan& plan, config::OnInvalidLine on_invalid_line);

/// The text of rejected/NAME/reason.txt: what is wrong, with the file as a whole and then line by line, and
/// the job's key as its last line.
std::string rejection_text(const Plan& plan, const std::string& job_key);
/// The same in one line, for `jobs.reason`.
std::string rejection_summary(const Plan& plan);

}  // namespace batchd::engine
