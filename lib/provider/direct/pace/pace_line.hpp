#pragma once

#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/async/wake_line.hpp"
#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "provider/direct/pace/pace.hpp"
#include "provider/direct/pace/turns.hpp"

namespace batchd::provider::direct {

/// The one door through which all requests of an account go, at its pace: whoever wants to send waits here,
/// and the jobs take turns, so that one of a million requests does not hold up one of ten; among those who
/// wait, the ones of the highest priority. I/O thread only; must outlive its passes.
class PaceLine {
public:
    PaceLine(PaceLimits limits, boost::asio::any_io_executor executor, Clock& clock, Jitter jitter);

    /// The right to send one request. Without a report its end says nothing about the server.
    class Pass {
    public:
        Pass(Pass&& other) noexcept;
        Pass& operator=(Pass&&) = delete;
        ~Pass();
        /// The request has ended: another may go.
        void report(const Feedback& feedback);

    private:
        friend class PaceLine;
        Pass(PaceLine& line, const Pace::Start& start) : line_(&line), start_(start) {}
        PaceLine* line_;
        Pace::Start start_;
    };

    /// Waits for the turn of `job` and for the pace. `tokens`: what the request will use, by estimate. Throws
    /// operation_aborted when cancelled.
    boost::asio::awaitable<Pass> enter(Owner job, std::uint64_t tokens);

    /// As Pace has them.
    void bar() { pace_.bar(); }
    /// And lets in whoever may go now.
    void let_go();
    void set_limits(PaceLimits limits);
    /// Lets nobody in any more, ever, and returns when what is under way has ended.
    boost::asio::awaitable<void> drain();

    const Pace& pace() const { return pace_; }

private:
    /// One coroutine in enter().
    struct Waiter;
    /// Lets in whoever may go now, in turns.
    void admit_all();
    /// A request is over: the pace learns from it, and the next may go.
    void ended(const Pace::Start& start, const Feedback& feedback);

    boost::asio::any_io_executor executor_;
    Clock& clock_;
    Jitter jitter_;
    Pace pace_;
    Turns<Waiter*> turns_;
    WakeLine drained_;  // those who wait in drain()
};

}  // namespace batchd::provider::direct
