#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchd {

using Millis = std::chrono::milliseconds;

/// "500ms", "60s", "45m", "24h", "30d": a whole number and one unit. Nothing else is a duration.
std::optional<Millis> parse_duration(std::string_view text);
/// The shortest form that parse_duration reads back as the same: "90s", "24h".
std::string format_duration(Millis duration);

/// "200MB" = 200,000,000; B, kB, MB, GB are powers of 1000, KiB, MiB, GiB of 1024; a bare number is bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// The shortest form that parse_size reads back as the same: "200MB", "200MiB".
std::string format_size(std::uint64_t size_bytes);

/// For people: 2776 as "2,776".
std::string with_commas(std::uint64_t number);
/// "1 batch", "2,776 batches".
std::string count_of(std::uint64_t count, std::string_view one, std::string_view many);

}  // namespace batchd
