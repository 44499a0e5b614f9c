#pragma once

#include <optional>
#include <string>

#include "store/query/overview.hpp"

/// What is said of a job's progress. Pure.
namespace batchd::report {

/// How long its requests will take at the pace so far; nothing while that can't be told.
std::optional<Millis> time_left(const store::JobOverview& job, TimePoint now);

/// "~12m" as time_left() has it; "<23h" where only the provider's deadline is known; else "".
std::string time_left_words(const store::JobOverview& job, TimePoint now);

/// Requests that were answered, as far as is known.
std::uint64_t answered(const store::JobOverview& job);

/// "[#####xx---]", ten characters between the brackets: a '#' for what was answered, an 'x' for what failed,
/// a
/// '-' for what is open. Full of '#' only when all was answered, without '-' only when nothing is open.
std::string progress_bar(std::uint64_t answered, std::uint64_t failed, std::uint64_t total);
/// "50%" were answered, rounded down; "" where the total is not known yet.
std::string percent(std::uint64_t answered, std::uint64_t total);

/// What it waits for, or why and where it ended: "2 to submit, 3 at the provider", "/spool/outbox/articles".
std::string waits_for(const store::JobOverview& job);

/// For people: "45s", "12m", "3h 20m", "2d 4h".
std::string rough_duration(Millis duration);

}  // namespace batchd::report
