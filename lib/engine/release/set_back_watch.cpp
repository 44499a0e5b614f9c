#include "engine/release/set_back_watch.hpp"

namespace batchd::engine {

namespace {

// Less is what keeps a clock right, second by second.
constexpr Millis kSetBackMin = std::chrono::seconds(10);

}  // namespace

SetBackWatch::SetBackWatch(Clock& clock, Wake& wake) : clock_(clock), wake_(wake), ahead_(ahead()) {}

Millis SetBackWatch::ahead() const {
    return clock_.now().time_since_epoch() - clock_.uptime();
}

void SetBackWatch::look() {
    ahead_ = ahead();
}

boost::asio::awaitable<void> SetBackWatch::run() {
    for (;;) {
        co_await clock_.wait_until_set();
        if (ahead() + kSetBackMin <= ahead_) wake_.nudge();
    }
}

}  // namespace batchd::engine
