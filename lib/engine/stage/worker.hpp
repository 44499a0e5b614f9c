#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/async/task_group.hpp"
#include "base/async/wake.hpp"
#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "engine/stage/postponed.hpp"
#include "engine/stage/waiting_rows.hpp"

namespace batchd::engine {

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

/// The loop of a stage that works on rows: finds rows in its states, works on up to `slots` of them at once,
/// and otherwise sleeps until it is woken or a postponed row is due. A row that fails does not hold up the
/// others. Rows are read when the stage is woken, and not again for those that are due.
class Worker {
public:
    struct Options {
        unsigned slots = 1;
        Backoff backoff;
        unsigned spare = 0;  ///< more slots, for rows that take_up() was called for
    };
    struct Stage {
        /// Ids of up to `count_max` rows in the stage's states, in the order in which they are begun.
        std::function<Result<std::vector<std::int64_t>>(std::size_t count_max)> find;
        /// Moves one row on as far as it goes. One that has left the stage's states meanwhile went on.
        std::function<boost::asio::awaitable<Progress>(std::int64_t id)> work;
        /// Said when a row is postponed for a new reason; of a queue, by the first that waits for it.
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
    /// What its rows wait for at this instant.
    const Waits& waits() const { return waiting_.waits(); }

private:
    struct Working {
        Wake* stop = nullptr;       // null until the work has begun
        bool is_asked_for = false;  // where it waits after all, it is taken up again at once
        bool was_found = false;     // by a read since then: it may be in our states again when the work ends
    };

    /// Makes the work on a row known to interrupt() for as long as it lasts.
    class Stoppable;

    /// Starts what is ready, and sleeps until there may be more.
    boost::asio::awaitable<void> loop(TaskGroup& tasks);
    /// As many as there are free slots.
    void start_what_is_ready(TaskGroup& tasks);
    void start(TaskGroup& tasks, std::int64_t id);
    /// What waits and is due comes before what was found.
    std::optional<std::int64_t> take_ready();
    void find_new();
    /// Holds the slot until the work has unwound, also where it was broken off.
    boost::asio::awaitable<void> work_on(std::int64_t id);
    boost::asio::awaitable<void> work_through(std::int64_t id);
    /// How long to sleep at most; nothing: until a wake.
    std::optional<Millis> next_due() const;
    void hear_wakes();

    Clock& clock_;
    Wake& wake_;
    Options options_;
    Stage stage_;
    std::map<std::int64_t, Working> in_work_;
    WaitingRows waiting_;
    std::set<std::int64_t> asked_for_;  // that were taken up, and have not begun since
    std::deque<std::int64_t> new_;      // rows that were found, and not begun yet, in the order of the stage
    Millis found_at_{0};
    bool may_find_more_ = true;
    unsigned find_failures_ = 0;  // in a row
    Millis find_due_{0};          // when rows are read again after they could not be
    std::uint64_t wakes_heard_ = 0;
};

}  // namespace batchd::engine
