#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "http/message.hpp"

namespace batchd::notify {

/// What came of a message.
struct SendResult {
    bool got_through = false;
    std::string why;                ///< not: for people, one line; else the status and what was answered
    std::optional<Millis> pause{};  ///< how long the receiver asks us to wait, an hour at most
};

/// Judges an answer: any 2xx is fine, but for a chat that says in its body that it is not. `now` is what a
/// date in Retry-After counts from. Pure.
SendResult judge(config::NotifyKind kind, const http::Response& response, TimePoint now);

}  // namespace batchd::notify
