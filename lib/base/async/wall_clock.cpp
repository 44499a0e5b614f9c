#include "base/async/wall_clock.hpp"

#include <algorithm>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/timerfd.h>

#include "base/disk/fd.hpp"

namespace batchd {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

/// How long a wait is at most that does not hear of the clock being set.
constexpr Millis kDeafWaitMax = 1min;

/// A descriptor that can be read once the wall clock shows `moment`, or as soon as it is set. None where
/// there are too many descriptors, or where the clock has just been set.
UniqueFd timer_for(TimePoint moment) {
    UniqueFd timer(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
    if (!timer) return timer;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(moment);
    itimerspec when{};
    when.it_value.tv_sec = seconds.time_since_epoch().count();
    when.it_value.tv_nsec = std::chrono::nanoseconds(moment - seconds).count();
    // With CANCEL_ON_SET it becomes readable when somebody sets the clock. Source: timerfd_create(2).
    if (::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr) != 0)
        timer.reset();
    return timer;
}

/// Until the timer's moment has come or the clock is set.
asio::awaitable<void> wait_for_timer(UniqueFd timer) {
    asio::posix::stream_descriptor stream(co_await asio::this_coro::executor, timer.release());
    co_await stream.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> wait_until_wall_clock_is_set(Clock& clock) {
    UniqueFd timer = timer_for(clock.now() + std::chrono::years(100));
    if (timer)
        co_await wait_for_timer(std::move(timer));
    else
        co_await clock.sleep_for(kDeafWaitMax);
}

asio::awaitable<void> wait_on_wall_clock(Clock& clock, TimePoint moment) {
    // Whatever ended the wait, only the clock says whether it is time: it may have been set again.
    for (TimePoint now = clock.now(); now < moment; now = clock.now()) {
        UniqueFd timer = timer_for(moment);
        if (timer)
            co_await wait_for_timer(std::move(timer));
        else
            co_await clock.sleep_for(std::min(moment - now, kDeafWaitMax));
    }
}

}  // namespace batchd
