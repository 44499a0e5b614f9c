#include "support/manual_clock.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace batchd::testing {

namespace asio = boost::asio;

namespace {
constexpr auto kWoken = asio::steady_timer::time_point::min();
}

ManualClock::ManualClock(asio::io_context& context, TimePoint start) : context_(context), now_(start) {}

asio::awaitable<void> ManualClock::sleep_for(Millis delay) {
    return wait(now_ + delay, false);
}

asio::awaitable<void> ManualClock::wait_until(TimePoint moment) {
    if (moment > now_) co_await wait(moment, true);
}

asio::awaitable<void> ManualClock::wait_until_set() {
    asio::steady_timer wake(context_, asio::steady_timer::time_point::max());
    set_waiters_.push_back(&wake);
    co_await wake.async_wait(asio::as_tuple(asio::use_awaitable));
    if (wake.expiry() == kWoken) co_return;
    std::erase(set_waiters_, &wake);
    throw boost::system::system_error(asio::error::operation_aborted);  // cancelled, not woken by set_by()
}

asio::awaitable<void> ManualClock::wait(TimePoint due, bool until_moment) {
    asio::steady_timer wake(context_, asio::steady_timer::time_point::max());
    sleepers_.emplace(due, Sleeper{&wake, until_moment});
    co_await wake.async_wait(asio::as_tuple(asio::use_awaitable));
    if (wake.expiry() == kWoken) co_return;
    std::erase_if(sleepers_, [&](const auto& entry) { return entry.second.wake == &wake; });
    throw boost::system::system_error(asio::error::operation_aborted);  // cancelled, not woken by advance()
}

void ManualClock::advance(Millis by) {
    const TimePoint end = now_ + by;
    for (run_ready(); !sleepers_.empty() && sleepers_.begin()->first <= end; run_ready()) wake_first();
    now_ = end;
}

bool ManualClock::advance_to_next() {
    run_ready();
    if (sleepers_.empty()) return false;
    wake_first();
    run_ready();
    return true;
}

void ManualClock::set_by(Millis by) {
    run_ready();
    now_ += by;
    set_by_ += by;
    std::multimap<TimePoint, Sleeper> moved;
    for (const auto& [due, sleeper] : sleepers_)
        moved.emplace(sleeper.until_moment ? due : due + by, sleeper);
    sleepers_ = std::move(moved);
    for (asio::steady_timer* const waiter : std::exchange(set_waiters_, {})) waiter->expires_at(kWoken);
    advance(Millis{0});
}

void ManualClock::wake_first() {
    now_ = std::max(now_, sleepers_.begin()->first);
    sleepers_.begin()->second.wake->expires_at(kWoken);  // ends the wait
    sleepers_.erase(sleepers_.begin());
}

void ManualClock::run_ready() {
    context_.restart();
    context_.poll();
}

}  // namespace batchd::testing
