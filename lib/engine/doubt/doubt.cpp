#include "engine/doubt/doubt.hpp"

#include <algorithm>

namespace batchd::engine {

Millis twin_watch(Millis list_lag) {
    constexpr Millis kLeast = std::chrono::minutes(30);
    constexpr int kLags = 60;
    // For lags that are set long, many times the lag: what is watched for costs a page a minute.
    return std::max(kLeast, kLags * list_lag);
}

Millis twin_look_interval(Millis poll_interval, Millis list_lag) {
    return std::min<Millis>(std::max(poll_interval, list_lag), std::chrono::minutes(1));
}

Millis twin_glance(Millis poll_interval, Millis list_lag) {
    constexpr Millis kRecordsAreInSeconds = std::chrono::seconds(1);
    return list_lag + twin_look_interval(poll_interval, list_lag) + kRecordsAreInSeconds;
}

Doubt::Next Doubt::not_found(Millis began, Millis now) {
    const Millis grace_ends = since_ + list_lag_;
    // Before that the list need not show it yet, so that such a look counts for nothing.
    if (began < grace_ends)
        return {.believed_absent = false, .look_again_in = std::max(Millis{0}, grace_ends - now)};
    if (++looks_ >= looks_needed_) return {.believed_absent = true};
    return {.believed_absent = false, .look_again_in = list_lag_ / 2};
}

}  // namespace batchd::engine
