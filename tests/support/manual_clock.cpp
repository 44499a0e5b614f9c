#include "support/manual_clock.hpp"

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
    asio::steady_timer wake(context_, asio::steady_timer::time_point::max());
    const auto sleeper = sleepers_.emplace(now_ + delay, &wake);
    co_await wake.async_wait(asio::as_tuple(asio::use_awaitable));
    if (wake.expiry() == kWoken) co_return;
    sleepers_.erase(sleeper);  // cancelled, not woken by advance()
    throw boost::system::system_error(asio::error::operation_aborted);
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

void ManualClock::wake_first() {
    now_ = std::max(now_, sleepers_.begin()->first);
    sleepers_.begin()->second->expires_at(kWoken);  // ends the wait
    sleepers_.erase(sleepers_.begin());
}

void ManualClock::run_ready() {
    context_.restart();
    context_.poll();
}

}  // namespace batchd::testing
