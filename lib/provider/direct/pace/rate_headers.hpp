#pragma once

#include <optional>
#include <string_view>

#include "base/units.hpp"
#include "http/message.hpp"

namespace batchd::provider::direct {

/// What an answer's headers say about one limit. What is absent, negative or not a number is nothing.
struct RateWindow {
    std::optional<double> limit;      ///< above 0
    std::optional<double> remaining;  ///< after this request; some services tell this and no limit
    std::optional<Millis> reset;      ///< until all of it is there again, not until the next request fits
    Millis period = std::chrono::minutes(1);  ///< of the limit
};

struct RateHeaders {
    RateWindow requests;
    RateWindow tokens;
};

/// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, as OpenAI, Azure, Groq and their likes send them
/// on every answer; and Together's `x-ratelimit-limit`, with which both limits are a second's.
RateHeaders parse_rate_headers(const http::Response& response);

/// "6m0s", "1h2m", "1.5s", "20ms" (as Go writes them), "2d", or a bare number of seconds. At most an hour is
/// kept of what is longer, and nothing of what is negative or garbage.
std::optional<Millis> parse_reset(std::string_view text);

}  // namespace batchd::provider::direct
