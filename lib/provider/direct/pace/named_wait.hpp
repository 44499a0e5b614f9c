#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "http/message.hpp"

namespace batchd::provider::direct {

/// What a text alone may ask all of an account to wait: it may quote the words of a request.
inline constexpr Millis kTextWaitMax = std::chrono::minutes(1);

/// The wait that a text asks for: "Please try again in 1.2s.", "in 6m0s", "Please retry after 26 seconds.";
/// an hour at most, nothing where it names none.
std::optional<Millis> named_wait(std::string_view text);

/// How long an answer wants us to wait: the longest of what `retry-after-ms`, `retry-after` and its `message`
/// name; where none of them does, until a limit of which nothing is left is full again. The message counts
/// where the status says that it is about load (429, 498, 503, 529), and for kTextWaitMax at most. `now` is
/// what a date counts from, where the answer has no date of its own.
std::optional<Millis> wait_asked_for(const http::Response& response, std::string_view message, TimePoint now);

}  // namespace batchd::provider::direct
