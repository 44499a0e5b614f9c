#pragma once

#include <type_traits>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace batchd {

/// Runs `work` on `pool`, then resumes the caller on its own executor with the value; exceptions travel back.
/// Not cancellable: a cancelled caller waits here and unwinds at its next suspension point. `work` shares
/// nothing with other threads while it runs. Its value must be default constructible.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> run_blocking(boost::asio::thread_pool& pool, Work work) {
    using Value = std::invoke_result_t<Work&>;
    auto job = [&work]() -> boost::asio::awaitable<Value> { co_return work(); };
    // Empty slot: with a connected one Asio 1.26 emits into a finished child (fixed in 1.28.2).
    auto token =
        boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), boost::asio::use_awaitable);
    co_return co_await boost::asio::co_spawn(pool, std::move(job), std::move(token));
}

}  // namespace batchd
