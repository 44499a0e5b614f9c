#pragma once

#include <exception>
#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

namespace batchd {

/// True for the exception with which a cancelled coroutine unwinds.
bool is_cancellation(const std::exception_ptr& error);

/// Owns concurrent tasks: none outlives join(). The first failure cancels the siblings and is rethrown by
/// join(). Parameters of a task are values, or references to what outlives the group. Call every member on
/// the thread that runs `executor`, and destroy the group only after join() has returned.
///
/// A coroutine makes its group before it waits for anything: one that was cancelled in a wait before would
/// meet that at join(), with tasks in the group. What comes first goes into the function that calls it.
class TaskGroup {
public:
    explicit TaskGroup(boost::asio::any_io_executor executor);
    /// With tasks left while an exception unwinds it ends the program: nobody can join them.
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts `task`; does nothing after cancel(). Called from inside the running
    /// context only: from outside, the task begins with the context's next turn, and a cancel() before that
    /// may pass it by.
    void spawn(boost::asio::awaitable<void> task);
    /// Once and for all: tasks that are spawned afterwards do not begin.
    void cancel();
    /// Waits until the last task has ended; keeps waiting when it is cancelled itself, after cancelling the
    /// tasks.
    boost::asio::awaitable<void> join();
    std::size_t size() const { return signals_.size(); }

private:
    using Signals = std::list<boost::asio::cancellation_signal>;
    /// The last step of each task. The first failure that is no cancellation is kept for join().
    void ended(Signals::iterator signal, std::exception_ptr error);

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer idle_;
    Signals signals_;
    std::exception_ptr failure_;
    bool cancelled_ = false;
};

}  // namespace batchd
