#include "provider/direct/pace/rate_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "http/header/retry_after.hpp"

namespace batchd::provider::direct {
namespace {

struct DurationUnit {
    std::string_view name;
    double millis;
};
/// "ms" before "m": the longer name is looked for first.
constexpr std::array<DurationUnit, 8> kDurationUnits = {{{"ms", 1},
                                                         {"us", 1e-3},
                                                         {"\xC2\xB5s", 1e-3},
                                                         {"ns", 1e-6},
                                                         {"s", 1000},
                                                         {"m", 60'000},
                                                         {"h", 3'600'000},
                                                         {"d", 86'400'000}}};

/// A plain decimal number, not negative, at the beginning of `text`, which it is taken off.
std::optional<double> take_number(std::string_view& text) {
    const std::size_t size = std::min({text.find_first_not_of("0123456789."), text.size(), std::size_t{40}});
    double number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + size, number, std::chars_format::fixed);
    if (size == 0 || ec != std::errc() || end != text.data() + size) return {};
    text.remove_prefix(size);
    return number;
}

std::optional<double> take_unit(std::string_view& text) {
    for (const DurationUnit& unit : kDurationUnits) {
        if (!text.starts_with(unit.name)) continue;
        text.remove_prefix(unit.name.size());
        return unit.millis;
    }
    return {};
}

std::optional<double> number_of(std::string_view text) {
    const auto number = take_number(text);
    return text.empty() ? number : std::nullopt;
}

RateWindow window_of(const http::Response& response, std::string_view what) {
    const auto header = [&](std::string_view kind) {
        return response.header("x-ratelimit-" + std::string(kind) + "-" + std::string(what));
    };
    RateWindow window;
    window.limit = number_of(header("limit"));
    if (window.limit && *window.limit <= 0) window.limit.reset();
    window.remaining = number_of(header("remaining"));
    window.reset = parse_reset(header("reset"));
    return window;
}

}  // namespace

std::optional<Millis> parse_reset(std::string_view text) {
    if (const auto seconds = number_of(text)) return http::parse_retry_after(text, TimePoint{});
    double millis = 0;
    if (text.empty()) return {};
    while (!text.empty()) {
        const auto number = take_number(text);
        const auto unit = take_unit(text);
        if (!number || !unit) return {};
        millis += *number * *unit;
    }
    const double limit = static_cast<double>(http::kRetryAfterMax.count());
    return Millis(static_cast<Millis::rep>(std::ceil(std::min(millis, limit))));
}

RateHeaders parse_rate_headers(const http::Response& response) {
    RateHeaders headers{window_of(response, "requests"), window_of(response, "tokens")};
    const auto a_second = number_of(response.header("x-ratelimit-limit"));
    // Source: https://docs.together.ai/docs/rate-limits
    const bool is_by_the_second = a_second && *a_second > 0 && !headers.requests.limit;
    if (is_by_the_second) {
        headers.requests.limit = a_second;
        headers.requests.period = headers.tokens.period = std::chrono::seconds(1);
    }
    return headers;
}

}  // namespace batchd::provider::direct
