#pragma once

#include <functional>
#include <type_traits>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

namespace batchd {

/// Runs `work` on `pool`, then resumes the caller on its own executor; exceptions travel back. See
/// run_blocking(), which this is the common part of: what Asio makes of a coroutine that changes threads is
/// compiled once, and not for each kind of work.
boost::asio::awaitable<void> run_on_pool(boost::asio::thread_pool& pool, std::function<void()> work);

/// Runs `work` on `pool`, then resumes the caller on its own executor with the value; exceptions travel back.
/// Not cancellable: a cancelled caller waits here and unwinds at its next suspension point. `work` shares
/// nothing with other threads while it runs. Its value must be default constructible.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> run_blocking(boost::asio::thread_pool& pool, Work work) {
    using Value = std::invoke_result_t<Work&>;
    if constexpr (std::is_void_v<Value>) {
        std::function<void()> step = std::ref(work);
        co_await run_on_pool(pool, std::move(step));
    } else {
        Value value{};
        std::function<void()> step = [&work, &value] { value = work(); };
        co_await run_on_pool(pool, std::move(step));
        co_return value;
    }
}

}  // namespace batchd
