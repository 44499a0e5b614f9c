#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/backoff.hpp"
#include "engine/stage/postponed.hpp"

namespace batchd::engine {

/// Rows that wait for the same reason.
struct Wait {
    std::set<std::int64_t> rows;
    Millis since{0};  ///< Clock::uptime() at which the first of them began to
};
/// By reason, as Postponed::why has it.
using Waits = std::map<std::string, Wait>;

/// The rows of a stage that could not go on, and when each is to be tried again. What a call costs does not
/// grow with the rows that wait, but for their logarithm. Pure; times are Clock::uptime().
class WaitingRows {
public:
    /// Of a queue so many rows are tried at once.
    WaitingRows(Backoff backoff, unsigned at_once) : backoff_(backoff), at_once_(at_once) {}

    /// The row waits. True: for a reason that is new, of the row or, in a queue, of all that are in it.
    bool postpone(std::int64_t id, const Postponed& postponed, Millis now, double jitter);
    /// The row went on: it is forgotten.
    void went_on(std::int64_t id);
    /// Whatever it waits for, the row is due at once, and nothing is held against it.
    void take_up(std::int64_t id);
    /// A row that is known is tried now, as one that take_due() answers.
    void take(std::int64_t id);
    /// Something has changed for those who wait until woken.
    void wake();
    /// The row that is due for the longest time. It is due no more, and to be postponed again or to go on.
    std::optional<std::int64_t> take_due(Millis now);
    /// When the next row is due.
    std::optional<Millis> next_due() const;

    bool knows(std::int64_t id) const { return rows_.contains(id); }
    std::size_t size() const { return rows_.size(); }
    const Waits& waits() const { return waits_; }

private:
    /// The order among rows that could all go on now.
    struct Place {
        std::int64_t behind = 0;  // the priority below zero: what goes first is the least
        std::int64_t id = 0;
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    /// All that is known of a row that waits. One that is in work keeps its entry, and with it its failures.
    struct Row {
        std::optional<Millis> due;  // nothing: in work, or further back in its queue
        std::int64_t behind = 0;
        unsigned failures = 0;
        std::string why;
        std::string queue;
    };
    struct Queue {
        std::set<Place> rows;          // not tried before a wake, or before one that is tried goes on
        std::set<std::int64_t> tried;  // due or in work
        std::optional<Millis> due;     // when some are tried though nobody wakes them
    };

    /// The only place that changes `due_`, so that it and the rows agree.
    void set_due(std::int64_t id, Row& row, std::optional<Millis> due);
    /// The only place that changes `waits_`.
    void set_why(std::int64_t id, Row& row, const std::string& why, Millis now);
    void leave_queue(std::int64_t id, Row& row);
    /// Makes the first of the queue due now.
    void try_first(Queue& queue);
    void try_some(Queue& queue);

    Backoff backoff_;
    unsigned at_once_;
    std::map<std::int64_t, Row> rows_;
    std::set<std::pair<Millis, Place>> due_;
    std::map<std::string, Queue> queues_;
    Waits waits_;
};

}  // namespace batchd::engine
