#include "engine/stage/sized_workers.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "base/async/task_group.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

SizedWorkers::Lane::Lane(Clock& clock, const asio::any_io_executor& executor, const SizeLane& of,
                         const Backoff& backoff, const Stage& stage)
    : size(of),
      wake(executor),
      worker(clock, wake, {.slots = of.slots, .backoff = backoff, .spare = of.spare},
             {.find = ids_of([find = stage.find, of](std::size_t count_max) { return find(of, count_max); }),
              .work = stage.work,
              .say = stage.say}) {}

SizedWorkers::SizedWorkers(Clock& clock, Wake& wake, const Backoff& backoff, std::span<const SizeLane> lanes,
                           const Stage& stage)
    : wake_(wake) {
    for (const SizeLane& lane : lanes) lanes_.emplace_back(clock, wake.executor(), lane, backoff, stage);
}

asio::awaitable<void> SizedWorkers::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(pass_wakes_on());
    for (Lane& lane : lanes_) tasks.spawn(lane.worker.run());
    co_await tasks.join();
}

/// A wake has one waiter, and there are several workers.
asio::awaitable<void> SizedWorkers::pass_wakes_on() {
    for (;;) {
        co_await wake_.wait();
        for (Lane& lane : lanes_) lane.wake.raise();
    }
}

void SizedWorkers::take_up(store::JobId job, std::uint64_t size_bytes) {
    for (Lane& lane : lanes_)
        if (size_bytes <= lane.size.up_to) return lane.worker.take_up(job.value);
}

Waits SizedWorkers::waits() const {
    Waits all;
    for (const Lane& lane : lanes_)
        for (const auto& [why, more] : lane.worker.waits()) {
            auto [wait, is_new] = all.try_emplace(why, more);
            if (is_new) continue;
            wait->second.rows.insert(more.rows.begin(), more.rows.end());
            wait->second.since = std::min(wait->second.since, more.since);
        }
    return all;
}

}  // namespace batchd::engine
