#include "engine/clean/forget_old.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

// Some ten milliseconds of the I/O thread.
constexpr std::size_t kForgottenAtOnce = 200;

// A budget is for a month at most, and what a month has cost is summed up from the rows of its jobs.
constexpr Millis kLongestBudget = std::chrono::days(32);

}  // namespace

asio::awaitable<void> forget_old(store::Store& store, Clock& clock, Journal& journal, Millis keep) {
    const auto executor = co_await asio::this_coro::executor;
    for (;;) {
        const TimePoint now = clock.now();
        const store::Jobs::Old old{.before = now - keep, .let_go_before = now - kLongestBudget};
        // In small bites: one DELETE of a year would hold the only thread for seconds.
        for (bool more = true; more;) {
            const auto removed = store.jobs.remove_old(old, kForgottenAtOnce);
            if (!removed)
                journal.log(EventKind::waiting, {}, "forgetting old jobs: " + to_string(removed.error()));
            more = removed && *removed > 0;
            co_await asio::post(executor, asio::use_awaitable);  // the others' turn
        }
        // As often as `keep` is long where that is short, as in tests; an hour more or less does not matter
        // to a month.
        co_await clock.sleep_for(std::clamp<Millis>(keep, std::chrono::minutes(1), std::chrono::hours(1)));
    }
}

}  // namespace batchd::engine
