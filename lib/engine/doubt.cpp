#include "engine/doubt.hpp"

#include <algorithm>

namespace batchd::engine {

Millis twin_watch(Millis list_lag) {
    constexpr Millis kLeast = std::chrono::minutes(30);
    constexpr int kLags = 60;
    return std::max(kLeast, kLags * list_lag);
}

Doubt::Next Doubt::not_found(Millis now) {
    constexpr unsigned kLooks = 2;
    const Millis grace_ends = since_ + list_lag_;
    if (now < grace_ends) return {.believed_absent = false, .look_again_in = grace_ends - now};
    if (++looks_ >= kLooks) return {.believed_absent = true};
    return {.believed_absent = false, .look_again_in = list_lag_ / 2};
}

}  // namespace batchd::engine
