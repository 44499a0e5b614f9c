#include "base/run_until.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task_group.hpp"

namespace batchd {

namespace asio = boost::asio;

asio::awaitable<bool> run_until(Wake& stop, asio::awaitable<void> task) {
    const auto executor = co_await asio::this_coro::executor;
    auto race =
        asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(task), asio::deferred),
                                                asio::co_spawn(executor, stop.wait(), asio::deferred));
    auto [order, task_error, stop_error] =
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (task_error && !is_cancellation(task_error)) std::rethrow_exception(task_error);
    if (stop_error && !is_cancellation(stop_error)) std::rethrow_exception(stop_error);
    // Both cancelled: it was our caller, not `stop`.
    if (task_error && stop_error) std::rethrow_exception(task_error);
    co_return !task_error;
}

}  // namespace batchd
