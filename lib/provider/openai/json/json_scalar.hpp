#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/clock.hpp"

/// Single values of the provider's JSON, read with distrust: one of the wrong type counts as absent.
namespace batchd::provider {

/// An id or a name, byte for byte; "" when it is no string, longer than 64 KiB or holds a NUL.
std::string word_of(const boost::json::value& value);

/// As word_of(), in lower case and without space around it.
std::string lower_word(const boost::json::value& value);

/// Of a text that a key is taken out of, in bytes: more than is shown, so that a key at the border is seen
/// whole.
inline constexpr std::size_t kUnsafeBytesMax = 8 * 1024;

/// The first `bytes_max` of a string; a number as its digits, for "code": 400 is met too.
std::string text_of(const boost::json::value& value, std::size_t bytes_max = 2048);

/// A whole number that isn't negative, or a string of digits.
std::optional<std::uint64_t> count_of(const boost::json::value& value);

/// A flag of any type: a boolean, "true" or "false", a number that is 0 or is not.
std::optional<bool> yes_or_no(const boost::json::value& value);

/// As parse_time_text(), also of a number.
std::optional<TimePoint> time_of(const boost::json::value& value);

/// Unix seconds in digits, or ISO 8601; nothing for anything else, 1970-01-01T00:00:00Z and before, and the
/// years beyond 9999.
std::optional<TimePoint> parse_time_text(std::string_view text);

}  // namespace batchd::provider
