#include "engine/stage/waiting_rows.hpp"

#include <algorithm>

namespace batchd::engine {

namespace {

constexpr Millis kAtOnce{0};

/// A row that waits for a wake alone is a queue of its own.
std::string queue_of(std::int64_t id, const Postponed& postponed) {
    if (postponed.until != Postponed::Until::woken_or_delay) return {};
    return postponed.queue.empty() ? "row " + std::to_string(id) : postponed.queue;
}

}  // namespace

bool WaitingRows::postpone(std::int64_t id, const Postponed& postponed, Millis now, double jitter) {
    Row& row = rows_[id];
    // A reason is worth one line in the log, not one at each try, and of those that wait for the same thing
    // the first says it for all.
    const bool is_said =
        row.why == postponed.why || (!postponed.queue.empty() && waits_.contains(postponed.why));
    const std::string queue = queue_of(id, postponed);
    if (row.queue == queue && !queue.empty())
        queues_[queue].tried.erase(id);  // the next one would be told the same
    else
        leave_queue(id, row);
    set_why(id, row, postponed.why, now);
    set_due(id, row, std::nullopt);
    row.queue = queue;
    row.behind = -postponed.priority;  // of a row that is neither due nor in a queue at this point
    const bool backs_off = postponed.until == Postponed::Until::backoff;
    if (backs_off) ++row.failures;
    const Millis due = now + (backs_off ? backoff_.delay(row.failures, jitter) : postponed.delay);
    set_due(id, row, queue.empty() ? std::optional(due) : std::nullopt);
    if (queue.empty()) return !is_said;
    Queue& joined = queues_[queue];
    joined.rows.insert({row.behind, id});
    joined.due = std::min(joined.due.value_or(due), due);
    return !is_said;
}

void WaitingRows::went_on(std::int64_t id) {
    const auto found = rows_.find(id);
    if (found == rows_.end()) return;
    leave_queue(id, found->second);
    set_why(id, found->second, {}, kAtOnce);
    set_due(id, found->second, std::nullopt);
    rows_.erase(found);
}

void WaitingRows::take_up(std::int64_t id) {
    went_on(id);
    set_due(id, rows_[id], kAtOnce);
}

void WaitingRows::take(std::int64_t id) {
    set_due(id, rows_[id], std::nullopt);
}

void WaitingRows::wake() {
    // Not all of them: of ten thousand batches that wait for room the first few are asked, and the next
    // ones only when these went on.
    for (auto& [name, queue] : queues_) try_some(queue);
}

std::optional<std::int64_t> WaitingRows::take_due(Millis now) {
    for (auto& [name, queue] : queues_)
        if (queue.due && *queue.due <= now) try_some(queue);
    if (due_.empty() || due_.begin()->first > now) return std::nullopt;
    // It stays known without being due, so that the failures in a row are not forgotten while it is tried.
    const std::int64_t id = due_.begin()->second.id;
    set_due(id, rows_[id], std::nullopt);
    return id;
}

std::optional<Millis> WaitingRows::next_due() const {
    std::optional<Millis> due;
    if (!due_.empty()) due = due_.begin()->first;
    for (const auto& [name, queue] : queues_)
        if (queue.due) due = std::min(due.value_or(*queue.due), *queue.due);
    return due;
}

void WaitingRows::set_due(std::int64_t id, Row& row, std::optional<Millis> due) {
    const Place place{row.behind, id};
    if (row.due) due_.erase({*row.due, place});
    row.due = due;
    if (due) due_.emplace(*due, place);
}

void WaitingRows::set_why(std::int64_t id, Row& row, const std::string& why, Millis now) {
    if (row.why == why) return;
    if (const auto before = waits_.find(row.why); before != waits_.end()) {
        before->second.rows.erase(id);
        // Since when it is waited for counts anew for the next who has this reason.
        if (before->second.rows.empty()) waits_.erase(before);
    }
    row.why = why;
    if (why.empty()) return;
    Wait& wait = waits_[why];
    if (wait.rows.empty()) wait.since = now;
    wait.rows.insert(id);
}

void WaitingRows::leave_queue(std::int64_t id, Row& row) {
    const auto found = queues_.find(row.queue);
    if (found == queues_.end()) return;
    row.queue.clear();
    Queue& queue = found->second;
    queue.rows.erase({row.behind, id});
    // One of those that were tried went on, so there may be room for one more.
    if (queue.tried.erase(id) > 0 && !queue.rows.empty()) try_first(queue);
    if (queue.rows.empty() && queue.tried.empty()) queues_.erase(found);
}

void WaitingRows::try_first(Queue& queue) {
    const std::int64_t id = queue.rows.begin()->id;
    queue.rows.erase(queue.rows.begin());
    queue.tried.insert(id);
    set_due(id, rows_[id], kAtOnce);
}

void WaitingRows::try_some(Queue& queue) {
    queue.due.reset();
    while (queue.tried.size() < at_once_ && !queue.rows.empty()) try_first(queue);
}

}  // namespace batchd::engine
