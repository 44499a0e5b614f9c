#include "base/async/wake.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/async/task_group.hpp"

namespace batchd {

namespace asio = boost::asio;

Wake::Wake(asio::any_io_executor executor)
    : timer_(std::move(executor), asio::steady_timer::time_point::max()) {}

void Wake::raise() {
    ++times_raised_;
    nudge();
}

void Wake::nudge() {
    raised_ = true;
    // The timer never ends by itself: it is there to be cancelled.
    timer_.cancel();
}

asio::awaitable<void> Wake::wait() {
    // After a cancellation the next co_await throws, so the loop ends.
    while (!raised_) co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    raised_ = false;
}

asio::awaitable<bool> Wake::wait_for(Clock& clock, Millis limit) {
    return wait_or(clock.sleep_for(limit));
}

asio::awaitable<bool> Wake::wait_until(Clock& clock, std::optional<TimePoint> moment) {
    if (moment) co_return co_await wait_or(clock.wait_until(*moment));
    co_await wait();
    co_return true;
}

asio::awaitable<bool> Wake::wait_or(asio::awaitable<void> end) {
    if (raised_) {
        raised_ = false;
        co_return true;
    }
    const auto executor = co_await asio::this_coro::executor;
    auto race =
        asio::experimental::make_parallel_group(asio::co_spawn(executor, wait(), asio::deferred),
                                                asio::co_spawn(executor, std::move(end), asio::deferred));
    auto [order, wait_error, end_error] =
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (wait_error && !is_cancellation(wait_error)) std::rethrow_exception(wait_error);
    if (end_error && !is_cancellation(end_error)) std::rethrow_exception(end_error);
    // Both cancelled: it was our caller, not the loser of the race.
    if (wait_error && end_error) std::rethrow_exception(wait_error);
    co_return !wait_error;
}

}  // namespace batchd
