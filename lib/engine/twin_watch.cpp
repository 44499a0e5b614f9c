#include "engine/twin_watch.hpp"

#include <algorithm>

#include "engine/listing.hpp"
#include "engine/look_back.hpp"
#include "engine/lookup.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;

namespace {

constexpr Millis kIntervalMax = std::chrono::minutes(1);  // a poll.interval of hours would miss it

}  // namespace

asio::awaitable<void> TwinWatch::run() {
    for (;;) {
        const auto since = ports_.store.repeats.watched_since(ports_.clock.now());
        if (!since)
            complaint_.say(to_string(since.error()));
        else if (!*since) {
            co_await ports_.wakes.twins.wait();
            continue;
        } else
            co_await look(**since);
        co_await ports_.clock.sleep_for(std::min(ports_.settings.poll.interval, kIntervalMax));
    }
}

asio::awaitable<void> TwinWatch::look(TimePoint since) {
    LookBack back(since, ports_.clock.now());
    Result<void> readable;
    auto fetch = [this](std::string after) { return ports_.provider.list_batches(std::move(after)); };
    auto visit = [&](const BatchObject& object) {
        if (is_before(object.created_at, back.not_before(object.created_at))) return Visit::enough;
        if (auto looked = twins_.look_at(object); !looked) readable = looked;
        return Visit::go_on;
    };
    auto extent = co_await walk_listing<BatchObject>(fetch, visit, kLookPagesMax);
    if (!extent)
        complaint_.say("looking for second batches: " + provider::to_string(extent.error()));
    else if (!readable)
        complaint_.say(to_string(readable.error()));
    else
        complaint_.clear();
    co_await twins_.cancel_noted();
}

}  // namespace batchd::engine
