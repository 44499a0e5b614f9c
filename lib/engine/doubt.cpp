#include "engine/doubt.hpp"

namespace batchd::engine {

Doubt::Next Doubt::not_found(Millis now) {
    constexpr unsigned kLooks = 2;
    const Millis grace_ends = since_ + list_lag_;
    if (now < grace_ends) return {.believed_absent = false, .look_again_in = grace_ends - now};
    if (++looks_ >= kLooks) return {.believed_absent = true};
    return {.believed_absent = false, .look_again_in = list_lag_ / 2};
}

}  // namespace batchd::engine
