#include "base/async/task_group.hpp"

#include <cstdio>
#include <cstdlib>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace batchd {

namespace asio = boost::asio;

bool is_cancellation(const std::exception_ptr& error) {
    if (!error) return false;
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == boost::system::errc::operation_canceled;
    } catch (...) {
        return false;
    }
}

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : executor_(executor), idle_(executor, asio::steady_timer::time_point::max()) {}

void TaskGroup::spawn(asio::awaitable<void> task) {
    // Whoever spawns into a group that is ending would wait for a task that nobody cancels any more.
    if (cancelled_) return;
    const auto signal = signals_.emplace(signals_.end());
    auto on_end = [this, signal](std::exception_ptr error) { ended(signal, error); };
    asio::co_spawn(executor_, std::move(task),
                   asio::bind_cancellation_slot(signal->slot(), std::move(on_end)));
}

/// Memory ran out while the siblings were being started, and nobody is left to join them: what they refer to
/// goes away now. An end at this moment is one more crash, which the next start knows how to go on from.
TaskGroup::~TaskGroup() {
    if (signals_.empty() || std::uncaught_exceptions() == 0) return;
    std::fputs("a task could not be started, and the others can't go on without it\n", stderr);
    std::_Exit(EXIT_FAILURE);
}

void TaskGroup::cancel() {
    cancelled_ = true;
    // A task may end, and its signal go away, while its own signal is emitted.
    for (auto it = signals_.begin(); it != signals_.end();) (it++)->emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> TaskGroup::join() {
    // Being cancelled must not abandon the tasks: pass the cancellation on, and stay.
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!signals_.empty()) {
        co_await idle_.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            if (!cancelled_) cancel();
            co_await asio::this_coro::reset_cancellation_state();
        }
    }
    co_await asio::this_coro::throw_if_cancelled(true);
    if (failure_) std::rethrow_exception(failure_);
}

void TaskGroup::ended(Signals::iterator signal, std::exception_ptr error) {
    signals_.erase(signal);
    // The first failure is the cause; those that follow come of the cancelling.
    if (error && !failure_ && !is_cancellation(error)) {
        failure_ = error;
        cancel();
    }
    if (signals_.empty()) idle_.cancel();  // wakes join()
}

}  // namespace batchd
