#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/deliver/job_summary.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// The record of an ended job, as its folder tells it, with its batches. `cleaned_at`: nothing of it is in
/// work/ any more. Inside a transaction. Errors: SQLite's.
Result<void> restore_ended(store::Store& store, const JobSummary& summary,
                           std::optional<TimePoint> cleaned_at);

/// For a database that was put back from a copy: what it takes for open was delivered since, and its folder
/// in work/ is gone, so that it could neither go on nor end. Such jobs get the record that their folder in
/// the outbox or in rejected/ tells; answers how many. Inside a transaction. Errors: errno, SQLite's.
Result<std::uint64_t> end_delivered_jobs(const spool::Layout& layout, const config::Settings& settings,
                                         store::Store& store, TimePoint now);

}  // namespace batchd::engine
