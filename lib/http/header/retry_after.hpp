#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace batchd::http {

/// The longest wait that a server can impose on us: what it says beyond this is cut.
inline constexpr Millis kRetryAfterMax = std::chrono::hours(1);

/// An HTTP date in any of the three forms that are still about. Source: RFC 9110, section 5.6.7.
std::optional<TimePoint> parse_http_date(std::string_view text);

/// Retry-After: seconds (a fraction is understood) or a date, which counts from `now`. Garbage, a negative
/// number and a date that has passed are nothing. Source: RFC 9110, section 10.2.3.
std::optional<Millis> parse_retry_after(std::string_view value, TimePoint now);

/// The same for "retry-after-ms", which OpenAI's clients know: milliseconds.
std::optional<Millis> parse_retry_after_ms(std::string_view value);

}  // namespace batchd::http
