#include "web/request/range.hpp"

#include <algorithm>
#include <charconv>

namespace batchd::web {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [last, ec] = std::from_chars(text.data(), end, value);
    return ec == std::errc{} && last == end ? std::optional(value) : std::nullopt;
}

/// The last so many bytes.
Range tail(std::uint64_t count, std::uint64_t size) {
    // "bytes=-0" asks for nothing, which no file can satisfy. Source: RFC 9110, 14.1.2.
    if (count == 0 || size == 0) return {Range::Kind::out_of_bounds, 0, 0};
    const std::uint64_t length = std::min(count, size);
    return {Range::Kind::part, size - length, length};
}

}  // namespace

Range parse_range(std::string_view header, std::uint64_t size) {
    const Range all{Range::Kind::all, 0, size};
    constexpr std::string_view kUnit = "bytes=";
    // What can't be understood, or asks for several parts, is as good as not asked: the whole file is a
    // right answer to it. Source: RFC 9110, 14.2.
    if (!header.starts_with(kUnit)) return all;
    header.remove_prefix(kUnit.size());
    const auto dash = header.find('-');
    if (dash == std::string_view::npos) return all;
    const auto first = number(header.substr(0, dash)), last = number(header.substr(dash + 1));
    const bool has_last = dash + 1 < header.size();
    if (dash == 0) return last ? tail(*last, size) : all;
    // Among others two ranges with a comma, which are no number.
    if (!first || (has_last && (!last || *last < *first))) return all;
    if (*first >= size) return {Range::Kind::out_of_bounds, 0, 0};
    const std::uint64_t end = last ? std::min(*last, size - 1) : size - 1;
    return {Range::Kind::part, *first, end - *first + 1};
}

Range overlap(const Range& wanted, std::uint64_t at, std::uint64_t size) {
    const std::uint64_t first = std::max(wanted.first, at),
                        end = std::min(wanted.first + wanted.size, at + size);
    if (first >= end) return {Range::Kind::part, 0, 0};
    return {Range::Kind::part, first - at, end - first};
}

}  // namespace batchd::web
