#include "base/async/turnstile.hpp"

#include <iterator>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace batchd {

namespace asio = boost::asio;

/// One who stands in line; steps out of it when its coroutine is unwound, and hands on a place that it had
/// been given.
struct Turnstile::Waiter {
    Waiter(Turnstile& of, int of_priority)
        : turnstile(of),
          priority(of_priority),
          timer(of.executor_, asio::steady_timer::time_point::max()),
          at(of.line_.insert(of.behind(of_priority), this)) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
        if (!admitted) turnstile.line_.erase(at);
    }

    Turnstile& turnstile;
    int priority;
    asio::steady_timer timer;
    std::list<Waiter*>::iterator at;
    bool admitted = false;
};

Turnstile::Turnstile(asio::any_io_executor executor, unsigned places)
    : executor_(std::move(executor)), free_(places) {}

/// From the end, where most stand.
std::list<Turnstile::Waiter*>::iterator Turnstile::behind(int priority) {
    auto at = line_.end();
    while (at != line_.begin() && (*std::prev(at))->priority < priority) --at;
    return at;
}

asio::awaitable<Turnstile::Pass> Turnstile::enter(int priority) {
    if (free_ > 0 && line_.empty()) {
        --free_;
        co_return Pass(*this);
    }
    Waiter waiter(*this, priority);
    // A cancellation ends the wait too; the next co_await throws then, here or in our caller.
    while (!waiter.admitted) co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return Pass(*this);
}

void Turnstile::leave() noexcept {
    if (line_.empty()) {
        ++free_;
        return;
    }
    Waiter& next = *line_.front();  // the place goes to the first in line without becoming free in between
    line_.pop_front();
    next.admitted = true;
    next.timer.cancel();
}

}  // namespace batchd
