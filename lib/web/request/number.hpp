#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace batchd::web {

/// A whole number above 0, in digits and nothing else: that of a job.
inline std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [last, ec] = std::from_chars(text.data(), end, number);
    return ec == std::errc{} && last == end && number > 0 ? std::optional(number) : std::nullopt;
}

}  // namespace batchd::web
