#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/database.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::store {

/// A row of `conditions`: something that is being waited for at this moment.
struct Condition {
    std::string kind;   ///< a word for programs: held, waiting, provider_closed, no_key, inbox_gone …
    std::string about;  ///< what waits: "job 12", "batch 34" (the row's id), a provider, a folder
    std::string text;   ///< why, and what to do about it; one line, free of secrets
    std::optional<JobId> job{};
    TimePoint since{};        ///< filled in by the table
    std::uint64_t files = 0;  ///< left_alone: how many files of the inbox it is about
    std::string remedy{};     ///< left_alone: what to do about them, as in text
};

/// The table `conditions`: what people have to know of the present, as `events` is of the past. Each call is
/// one statement; `database` must outlive it. I/O thread only. Errors: SQLite's.
class Conditions {
public:
    explicit Conditions(Database& database) : database_(database) {}

    /// The condition holds; since `at` where it did not before. The newest text counts.
    Result<void> set(const Condition& condition, TimePoint at);
    /// The condition is over. One that is not on record is fine.
    Result<void> clear(std::string_view kind, std::string_view about);
    /// All conditions but those of `but_kind` are over: a start finds out anew what holds.
    Result<void> clear_all_but(std::string_view but_kind);
    /// All conditions, the oldest first.
    Result<std::vector<Condition>> all();
    /// Those that a job waits for, the oldest first.
    Result<std::vector<Condition>> of_job(JobId job);

private:
    Database& database_;
};

}  // namespace batchd::store
