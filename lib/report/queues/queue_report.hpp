#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "store/store.hpp"

/// What each queue has waiting and running, and when it sends next.
namespace batchd::report {

struct QueueLine {
    std::string name;
    std::string provider;  ///< by its name in the configuration; "default" for [provider]
    std::string model;     ///< for requests that name none; "": there is none
    std::uint64_t files_waiting = 0;
    std::uint64_t requests_waiting = 0;
    std::uint64_t jobs_running = 0;
    std::uint64_t batches_in_flight = 0;
    /// Where nothing waits, when its schedule comes; nothing where it has none, or more has to come.
    std::optional<TimePoint> next_at;
    std::string why;     ///< why what waits does; "" where nothing waits
    std::string budget;  ///< "50 USD/day"; "": there is none
    /// Nano-dollars that what was let go today has cost, or in the budget's month; nothing: nobody knows.
    std::optional<std::int64_t> spent;
};

/// All queues of the configuration, "default" first, and behind them those that are not there any more and
/// have jobs that have not ended. `store`: null where there is no database yet. Errors: SQLite's.
Result<std::vector<QueueLine>> read_queues(store::Store* store, const config::Settings& settings);

/// What was spent, and of which budget: "1.25", "1.25 of 50 USD/day"; "–" where nobody knows.
std::string money_words(const QueueLine& queue);

/// The object of `queues --json`.
std::string queues_json(const std::vector<QueueLine>& queues);
/// A table, none of its lines wider than `width` (0: as wide as it takes).
std::string queues_text(const std::vector<QueueLine>& queues, std::size_t width);

}  // namespace batchd::report
