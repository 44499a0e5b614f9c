#include "engine/stage/worker.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_until.hpp"
#include "base/backoff.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kFoundAtOnce = 64;  // new rows; more are read when these have begun
constexpr Millis kFoundFor{1'000};        // so long their order holds, whatever comes meanwhile

}  // namespace

Worker::Worker(Clock& clock, Wake& wake, Options options, Stage stage)
    : clock_(clock),
      wake_(wake),
      options_(options),
      stage_(std::move(stage)),
      waiting_(options.backoff, options.slots) {}

asio::awaitable<void> Worker::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(loop(tasks));
    co_await tasks.join();
}

asio::awaitable<void> Worker::loop(TaskGroup& tasks) {
    for (;;) {
        // Work comes before waiting: a start finds rows that nobody raises the wake for.
        start_what_is_ready(tasks);
        if (const auto due = next_due())
            co_await wake_.wait_for(clock_, *due);
        else
            co_await wake_.wait();
        hear_wakes();
    }
}

void Worker::hear_wakes() {
    if (wake_.times_raised() == wakes_heard_) return;
    // Counted, because a wake that is raised while the loop is at work must not be lost; raised ten times,
    // it is heard once.
    wakes_heard_ = wake_.times_raised();
    may_find_more_ = true;
    waiting_.wake();
}

void Worker::start_what_is_ready(TaskGroup& tasks) {
    while (in_work_.size() < options_.slots) {
        const auto id = take_ready();
        if (!id) return;
        start(tasks, *id);
    }
    // Those that hold the slots may be busy for hours, and what somebody asks for may need nothing of what
    // they wait for.
    while (!asked_for_.empty() && in_work_.size() < options_.slots + options_.spare) {
        const std::int64_t id = *asked_for_.begin();
        waiting_.take(id);
        start(tasks, id);
    }
}

void Worker::start(TaskGroup& tasks, std::int64_t id) {
    asked_for_.erase(id);
    in_work_[id] = {};
    tasks.spawn(work_on(id));
}

std::optional<std::int64_t> Worker::take_ready() {
    if (const auto due = waiting_.take_due(clock_.uptime())) return due;
    // Read again now and then while some are left: what has come meanwhile may have a higher priority.
    const bool is_stale = clock_.uptime() >= found_at_ + kFoundFor;
    if (may_find_more_ && (new_.empty() || is_stale)) find_new();
    if (new_.empty()) return std::nullopt;
    const std::int64_t first = new_.front();
    new_.pop_front();
    return first;
}

void Worker::find_new() {
    if (clock_.uptime() < find_due_) return;
    // The query can not know which rows are in work or wait, so it is asked for so many more: else those at
    // the front of the table would hide all others.
    const auto rows = stage_.find(kFoundAtOnce + in_work_.size() + waiting_.size());
    if (!rows) {
        // A database that can not be read now is no reason to end the daemon: it may be a disk that is full
        // for an hour.
        find_due_ = clock_.uptime() + options_.backoff.delay(++find_failures_, random_jitter());
        stage_.say(0, to_string(rows.error()));
        return;
    }
    find_failures_ = 0;
    found_at_ = clock_.uptime();
    new_.clear();  // those that were not begun are found again, in their order
    for (const std::int64_t id : *rows) {
        const auto working = in_work_.find(id);
        if (working != in_work_.end())
            // It may have moved into another of our states while we work on it, so it is looked for again
            // when this work is done.
            working->second.was_found = true;
        else if (!waiting_.knows(id) && std::find(new_.begin(), new_.end(), id) == new_.end())
            new_.push_back(id);
    }
    may_find_more_ = !new_.empty();
}

/// The wake by which work is broken off, for as long as there is one: work that is cancelled leaves its entry
/// behind, and a command may still come for it.
class Worker::Stoppable {
public:
    Stoppable(Worker& worker, std::int64_t id, Wake& stop) : worker_(worker), id_(id) {
        worker_.in_work_[id_].stop = &stop;
    }
    Stoppable(const Stoppable&) = delete;
    Stoppable& operator=(const Stoppable&) = delete;
    ~Stoppable() {
        if (const auto working = worker_.in_work_.find(id_); working != worker_.in_work_.end())
            working->second.stop = nullptr;
    }

private:
    Worker& worker_;
    std::int64_t id_;
};

asio::awaitable<void> Worker::work_on(std::int64_t id) {
    Wake stop(co_await asio::this_coro::executor);
    const Stoppable stoppable(*this, id, stop);
    co_await run_until(stop, work_through(id));
    // It was broken off so that it looks at its row again, which has changed.
    const bool was_broken_off = stop.times_raised() > 0;
    if (was_broken_off) waiting_.take_up(id);
    const bool is_asked_for = was_broken_off || (in_work_[id].is_asked_for && waiting_.knows(id));
    if (is_asked_for && options_.spare > 0) asked_for_.insert(id);
    // Erased only now that the work has unwound, so that no row is ever worked on twice at a time: two
    // creates for one batch would be paid twice.
    in_work_.erase(id);
    wake_.nudge();  // a slot is free
}

asio::awaitable<void> Worker::work_through(std::int64_t id) {
    const Progress progress = co_await stage_.work(id);
    if (!progress) {
        waiting_.went_on(id);
        if (in_work_[id].was_found) may_find_more_ = true;
    } else if (waiting_.postpone(id, *progress, clock_.uptime(), random_jitter()) && !progress->is_usual) {
        stage_.say(id, progress->why);
    }
    // It may wait for what had changed after it read its row.
    if (progress && in_work_[id].is_asked_for) waiting_.take_up(id);
}

void Worker::interrupt(std::int64_t id) {
    const auto working = in_work_.find(id);
    if (working == in_work_.end())
        take_up(id);
    else if (working->second.stop != nullptr)
        working->second.stop->raise();
}

void Worker::take_up(std::int64_t id) {
    if (const auto working = in_work_.find(id); working != in_work_.end()) {
        working->second.is_asked_for = true;
        return;
    }
    std::erase(new_, id);
    waiting_.take_up(id);
    if (options_.spare > 0) asked_for_.insert(id);
    wake_.nudge();
}

std::optional<Millis> Worker::next_due() const {
    const Millis now = clock_.uptime();
    std::optional<Millis> due;
    // With all slots taken, a row that is due can't start; the end of a task wakes the loop.
    if (in_work_.size() < options_.slots) due = waiting_.next_due();
    if (may_find_more_ && find_due_ > now) due = std::min(due.value_or(find_due_), find_due_);
    if (!due) return std::nullopt;
    return std::max(Millis{0}, *due - now);
}

}  // namespace batchd::engine
