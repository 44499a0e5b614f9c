#include "engine/worker.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/run_until.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

Postponed postponed(const Error& error) {
    return {.why = to_string(error)};
}

Postponed postponed(const provider::Failure& failure, std::string_view doing) {
    Postponed result{.why = std::string(doing) + ": " + provider::to_string(failure)};
    if (failure.retry_after && *failure.retry_after > Millis{0}) {
        result.until = Postponed::Until::delay;
        result.delay = *failure.retry_after;
    }
    return result;
}

Worker::Worker(Clock& clock, Wake& wake, Options options, Stage stage)
    : clock_(clock), wake_(wake), options_(options), stage_(std::move(stage)) {}

asio::awaitable<void> Worker::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(loop(tasks));
    co_await tasks.join();
}

asio::awaitable<void> Worker::loop(TaskGroup& tasks) {
    for (;;) {
        start_what_is_ready(tasks);
        if (const auto due = next_due())
            co_await wake_.wait_for(clock_, *due);
        else
            co_await wake_.wait();
        if (wake_.times_raised() != wakes_seen_) wake_the_waiting();
    }
}

void Worker::start_what_is_ready(TaskGroup& tasks) {
    if (in_work_.size() >= options_.slots || clock_.uptime() < find_failure_.due) return;
    auto rows = stage_.find(options_.slots + in_work_.size() + waiting_.size());
    if (!rows) {
        find_failure_.due =
            clock_.uptime() + options_.backoff.delay(++find_failure_.failures, random_jitter());
        stage_.say(0, to_string(rows.error()));
        return;
    }
    find_failure_ = {};
    for (const std::int64_t id : *rows) {
        if (in_work_.size() >= options_.slots) break;
        if (!is_ready(id)) continue;
        in_work_[id] = nullptr;
        tasks.spawn(work_on(id));
    }
}

asio::awaitable<void> Worker::work_on(std::int64_t id) {
    Wake stop(co_await asio::this_coro::executor);
    in_work_[id] = &stop;
    co_await run_until(stop, work_through(id));
    in_work_.erase(id);
    wake_.nudge();  // a slot is free
}

asio::awaitable<void> Worker::work_through(std::int64_t id) {
    const Progress progress = co_await stage_.work(id);
    if (progress)
        postpone(id, *progress);
    else
        waiting_.erase(id);
}

void Worker::interrupt(std::int64_t id) {
    take_up(id);
    const auto working = in_work_.find(id);
    if (working != in_work_.end() && working->second != nullptr) working->second->raise();
}

void Worker::take_up(std::int64_t id) {
    waiting_.erase(id);
    wake_.nudge();
}

void Worker::postpone(std::int64_t id, const Postponed& postponed) {
    Waiting& waiting = waiting_[id];
    if (waiting.why != postponed.why) stage_.say(id, postponed.why);
    waiting.why = postponed.why;
    waiting.until = postponed.until;
    const bool backs_off = postponed.until == Postponed::Until::backoff;
    if (backs_off) ++waiting.failures;
    const Millis delay =
        backs_off ? options_.backoff.delay(waiting.failures, random_jitter()) : postponed.delay;
    waiting.due = clock_.uptime() + delay;
}

bool Worker::is_ready(std::int64_t id) const {
    if (in_work_.contains(id)) return false;
    const auto waiting = waiting_.find(id);
    return waiting == waiting_.end() || waiting->second.due <= clock_.uptime();
}

std::optional<Millis> Worker::next_due() const {
    std::optional<Millis> due;
    const Millis now = clock_.uptime();
    if (find_failure_.due > now) due = find_failure_.due;
    // With all slots taken, a row that is due can't start; the end of a task wakes the loop.
    if (in_work_.size() < options_.slots)
        for (const auto& [id, waiting] : waiting_)
            if (!in_work_.contains(id) && waiting.due > now)
                due = std::min(due.value_or(waiting.due), waiting.due);
    if (!due) return std::nullopt;
    return *due - now;
}

void Worker::count_waits(Waits& waits) const {
    // One that is past its time and has not been worked on since is no longer in our states.
    for (const auto& [id, waiting] : waiting_)
        if (waiting.due > clock_.uptime() || in_work_.contains(id)) ++waits[waiting.why];
}

void Worker::wake_the_waiting() {
    wakes_seen_ = wake_.times_raised();
    for (auto& [id, waiting] : waiting_)
        if (waiting.until == Postponed::Until::woken_or_delay) waiting.due = Millis{0};
}

}  // namespace batchd::engine
