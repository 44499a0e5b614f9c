#include "base/async/run_until.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/async/task_group.hpp"

namespace batchd {

namespace asio = boost::asio;

namespace {

/// True when `task` came to its end before `end` did.
asio::awaitable<bool> race(asio::awaitable<void> end, asio::awaitable<void> task) {
    const auto executor = co_await asio::this_coro::executor;
    auto race =
        asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(task), asio::deferred),
                                                asio::co_spawn(executor, std::move(end), asio::deferred));
    auto [order, task_error, end_error] =
        // It returns when both have ended: the slower one is cancelled, and has unwound by then.
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (task_error && !is_cancellation(task_error)) std::rethrow_exception(task_error);
    if (end_error && !is_cancellation(end_error)) std::rethrow_exception(end_error);
    // Both cancelled: it was our caller, not `end`.
    if (task_error && end_error) std::rethrow_exception(task_error);
    co_return !task_error;
}

}  // namespace

asio::awaitable<bool> run_until(Wake& stop, asio::awaitable<void> task) {
    return race(stop.wait(), std::move(task));
}

asio::awaitable<bool> run_until(asio::awaitable<void> end, asio::awaitable<void> task) {
    return race(std::move(end), std::move(task));
}

asio::awaitable<bool> run_within(Clock& clock, Millis limit, asio::awaitable<void> task) {
    return race(clock.sleep_for(limit), std::move(task));
}

}  // namespace batchd
