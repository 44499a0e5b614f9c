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

/// What a job waits for whose time has come: see jobs.waits_for.
enum class MoneyWait { turn, money, budget, price };

/// As the column `waits_for` has it.
std::string_view to_string(MoneyWait wait);
bool read_word(std::string_view word, MoneyWait& to);

/// A job that waits for money, or was let go without an estimate.
struct DueJob {
    JobId id;
    std::string provider;
    std::string asks;                       ///< as record_asks() has it; "" where nobody has recorded it
    MoneyWait waits_for = MoneyWait::turn;  ///< of one that waits
};

/// What jobs of a queue were expected to use and did: of requests that were answered.
struct TokenLesson {
    std::uint64_t estimated_input = 0;
    std::uint64_t input = 0;
    std::uint64_t output = 0;
};

/// What was let go in a queue within some time, in nano-dollars.
struct LetThrough {
    std::int64_t paid = 0;      ///< by fact
    std::int64_t expected = 0;  ///< by estimate, of what has no answers yet
    bool is_unknown = false;    ///< there are answers, and nobody can price any of them
};

/// How many wait for money in a queue.
struct MoneyWaits {
    MoneyWait what = MoneyWait::turn;
    std::uint64_t files = 0;
};

/// What budgets are kept by: columns of the table `jobs`. `database` must outlive it. I/O thread only.
/// Errors: SQLite's.
class Budgets {
public:
    explicit Budgets(Database& database) : database_(database) {}

    /// How much the job asks for, as the engine reads it.
    Result<void> record_asks(JobId id, const std::string& asks);
    /// Nothing: nobody knows the price. Counts for let_through() from the moment at which it goes.
    Result<void> record_estimate(JobId id, std::optional<std::int64_t> nano_dollars);
    /// It does not go now, for this reason; nor before `until`, where that is known.
    Result<void> record_wait(JobId id, MoneyWait wait, std::optional<TimePoint> until);

    /// The queues in which jobs wait for money.
    Result<std::vector<std::string>> queues();
    /// Those of the queue behind `after`, the first taken first.
    Result<std::vector<DueJob>> due(const std::string& queue, JobId after, std::size_t count_max);
    /// From this job on all of the queue wait for money; what a person must decide stays as it is.
    Result<void> record_all_wait(const std::string& queue, JobId first, std::optional<TimePoint> until);
    /// For what the jobs of a queue wait, as it is on record.
    Result<std::vector<MoneyWaits>> waits(const std::string& queue);

    /// What went at or after `since` and before `until`, the bounds of the budget's day or month: what went
    /// by a clock that was ahead counts then, and not in every day before.
    Result<LetThrough> let_through(const std::string& queue, TimePoint since, TimePoint until);
    /// Open jobs that were let go in that time, and of which nobody knows what they were expected to cost.
    Result<std::vector<DueJob>> unestimated(const std::string& queue, TimePoint since, TimePoint until);
    /// Of the last jobs of the queue that have answers, the oldest first.
    Result<std::vector<TokenLesson>> lessons(const std::string& queue);

private:
    Database& database_;
};

}  // namespace batchd::store
