#include "engine/twins/twin_watch.hpp"

#include <algorithm>
#include <utility>

#include "engine/doubt/doubt.hpp"
#include "engine/look/listing.hpp"
#include "engine/look/look_back.hpp"
#include "engine/look/lookup.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;

asio::awaitable<void> TwinWatch::run() {
    for (;;) {
        if (!watched_since()) {
            co_await ports_.own_wakes.twins.wait();
            continue;
        }
        // First the pause: a batch that was created just now is not listed yet, and others may join the look.
        co_await ports_.clock.sleep_for(
            twin_look_interval(ports_.settings.poll.interval, ports_.account.list_lag));
        if (const auto since = watched_since()) co_await look(*since);
    }
}

std::optional<TimePoint> TwinWatch::watched_since() {
    const auto since = ports_.store.repeats.watched_since(ports_.name, ports_.clock.now());
    if (since) return *since;
    complaint_.say(to_string(since.error()));
    return ports_.clock.now();  // asked again after the pause
}

asio::awaitable<void> TwinWatch::look(TimePoint since) {
    // Only as far back as the create that is watched for: the list of an account may go back for years.
    LookBack back(since, ports_.clock.now());
    Result<void> readable;
    Twins::Look look;
    auto fetch = [this](std::string after) { return ports_.provider.list_batches(std::move(after)); };
    auto visit = [&](const BatchObject& object) {
        if (is_before(object.created_at, back.not_before(object.created_at))) return Visit::enough;
        if (auto looked = twins_.look_at(object, look); !looked) readable = looked;
        return Visit::go_on;
    };
    auto extent = co_await walk_listing<BatchObject>(fetch, visit, kLookPagesMax);
    if (!extent && says_that_there_is_no_listing(extent.error()))
        co_return;  // nobody can look, and nothing is wrong
    else if (!extent)
        complaint_.say("looking for second batches: " + provider::to_string(extent.error()));
    else if (!readable)
        complaint_.say(to_string(readable.error()));
    else
        complaint_.clear();
    co_await twins_.cancel(std::move(look));
}

}  // namespace batchd::engine
