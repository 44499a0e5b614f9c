#pragma once

#include <list>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace batchd {

/// Lets at most `places` coroutines in at once; the others wait in line, those of a higher priority before
/// the others, and else first come, first served. I/O thread only; must outlive its passes.
class Turnstile {
public:
    Turnstile(boost::asio::any_io_executor executor, unsigned places);

    /// The right to be inside; leaving is its destruction.
    class Pass {
    public:
        explicit Pass(Turnstile& turnstile) noexcept : turnstile_(&turnstile) {}
        Pass(Pass&& other) noexcept : turnstile_(std::exchange(other.turnstile_, nullptr)) {}
        Pass& operator=(Pass&&) = delete;
        ~Pass() {
            if (turnstile_ != nullptr) turnstile_->leave();
        }

    private:
        Turnstile* turnstile_;
    };

    /// Waits for a place: the higher priority first, and then who waits for the longest. Throws
    /// operation_aborted when cancelled in the line, and has left it then.
    boost::asio::awaitable<Pass> enter(int priority = 0);

private:
    /// One coroutine in enter().
    struct Waiter;
    /// Hands the place to the first in line where there is one, so that nobody can slip in between.
    void leave() noexcept;
    std::list<Waiter*>::iterator behind(int priority);

    boost::asio::any_io_executor executor_;
    unsigned free_;
    std::list<Waiter*> line_;
};

}  // namespace batchd
