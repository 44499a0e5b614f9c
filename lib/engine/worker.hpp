#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "base/wake.hpp"
#include "engine/backoff.hpp"
#include "provider/provider.hpp"

namespace batchd::engine {

/// Why a row could not be moved on now. It stays in its state, and is taken up again.
struct Postponed {
    enum class Until {
        backoff,        ///< longer each time
        delay,          ///< after `delay`
        woken_or_delay  ///< when the stage is woken, after `delay` at the latest
    };
    std::string why;
    Until until = Until::backoff;
    Millis delay{0};
};

/// Nothing: the row went on. Otherwise it waits.
using Progress = std::optional<Postponed>;

/// A failure of disk, memory or database: back off.
Postponed postponed(const Error& error);
/// A failure of the provider: back off, or wait as long as it asks.
Postponed postponed(const provider::Failure& failure, std::string_view doing);

/// A stage's `find` out of `rows_of`, which reads the typed ids of the store.
template <class RowsOf>
auto ids_of(RowsOf rows_of) {
    return [rows_of = std::move(rows_of)](std::size_t count_max) -> Result<std::vector<std::int64_t>> {
        const auto rows = rows_of(count_max);
        if (!rows) return rows.error();
        std::vector<std::int64_t> ids;
        for (const auto row : *rows) ids.push_back(row.value);
        return ids;
    };
}

/// What rows wait for, and how many of them.
using Waits = std::map<std::string, std::size_t>;

/// The loop of a stage that works on rows: finds rows in its states, works on up to `slots` of them at once,
/// and otherwise sleeps until it is woken or a postponed row is due. A row that fails does not hold up the
/// others.
class Worker {
public:
    struct Options {
        unsigned slots = 1;
        Backoff backoff;
    };
    struct Stage {
        /// Ids of up to `count_max` rows in the stage's states, oldest first.
        std::function<Result<std::vector<std::int64_t>>(std::size_t count_max)> find;
        /// Moves one row on as far as it goes.
        std::function<boost::asio::awaitable<Progress>(std::int64_t id)> work;
        /// Said when a row is postponed for a new reason.
        std::function<void(std::int64_t id, const std::string& why)> say;
    };

    Worker(Clock& clock, Wake& wake, Options options, Stage stage);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();

    /// Something has changed for this row: it is taken up now, whatever it waits for. Work on it that is
    /// under way is cancelled first; the row is then found in the state that the database says, as after a
    /// crash.
    void interrupt(std::int64_t id);
    /// The same, but work that is under way goes on.
    void take_up(std::int64_t id);
    /// Adds the rows that wait at this instant.
    void count_waits(Waits& waits) const;

private:
    struct Waiting {
        Millis due{0};
        Postponed::Until until = Postponed::Until::backoff;
        unsigned failures = 0;
        std::string why;
    };

    boost::asio::awaitable<void> loop(TaskGroup& tasks);
    void start_what_is_ready(TaskGroup& tasks);
    boost::asio::awaitable<void> work_on(std::int64_t id);
    boost::asio::awaitable<void> work_through(std::int64_t id);
    void postpone(std::int64_t id, const Postponed& postponed);
    bool is_ready(std::int64_t id) const;
    std::optional<Millis> next_due() const;
    void wake_the_waiting();

    Clock& clock_;
    Wake& wake_;
    Options options_;
    Stage stage_;
    std::map<std::int64_t, Wake*> in_work_;  // with what stops the work; null until it has begun
    std::map<std::int64_t, Waiting> waiting_;
    Waiting find_failure_;  // when the rows themselves could not be read
    std::uint64_t wakes_seen_ = 0;
};

}  // namespace batchd::engine
