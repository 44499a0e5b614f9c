#include "base/async/run_blocking.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace batchd {

boost::asio::awaitable<void> run_on_pool(boost::asio::thread_pool& pool, std::function<void()> work) {
    auto job = [&work]() -> boost::asio::awaitable<void> {
        work();
        co_return;
    };
    // Empty slot: with a connected one Asio 1.26 emits into a finished child (fixed in 1.28.2).
    auto token =
        boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), boost::asio::use_awaitable);
    co_await boost::asio::co_spawn(pool, std::move(job), std::move(token));
}

}  // namespace batchd
