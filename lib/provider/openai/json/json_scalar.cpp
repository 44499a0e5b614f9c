#include "provider/openai/json/json_scalar.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/serialize.hpp>

#include "base/text/letter_case.hpp"

namespace batchd::provider {
namespace {

namespace json = boost::json;

/// Gateways encode whole routes into an id; what is longer than this is no id.
constexpr std::size_t kWordBytesMax = 64 * 1024;
constexpr std::int64_t kUnixSecondsMax = 253'402'300'799;  // the end of the year 9999

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
    Number number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<int> two_digits(std::string_view text) {
    if (text.size() != 2 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

std::optional<TimePoint> from_seconds(std::int64_t seconds) {
    if (seconds <= 0 || seconds > kUnixSecondsMax) return std::nullopt;
    return TimePoint(std::chrono::seconds(seconds));
}

/// A batch from before there were any would end a search among newer ones.
std::optional<TimePoint> in_range(TimePoint time) {
    return from_seconds(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

}  // namespace

std::string word_of(const json::value& value) {
    const json::string* text = value.if_string();
    if (text == nullptr || text->size() > kWordBytesMax || text->find('\0') != json::string::npos) return {};
    return std::string(view(*text));
}

std::string lower_word(const json::value& value) {
    const std::string text = word_of(value);
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    return to_lower(text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin));
}

std::string text_of(const json::value& value, std::size_t bytes_max) {
    if (const auto* text = value.if_string()) return std::string(view(*text).substr(0, bytes_max));
    if (value.is_number()) return json::serialize(value);
    return {};
}

std::optional<std::uint64_t> count_of(const json::value& value) {
    if (const auto* number = value.if_uint64()) return *number;
    if (const auto* number = value.if_int64(); number != nullptr && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    if (const auto* number = value.if_double(); number != nullptr && *number >= 0 && *number < 9e15)
        return static_cast<std::uint64_t>(*number);
    // There are servers that write their numbers as strings.
    if (const auto* text = value.if_string()) return whole_number<std::uint64_t>(view(*text));
    return std::nullopt;
}

std::optional<bool> yes_or_no(const json::value& value) {
    if (value.is_bool()) return value.get_bool();
    const std::string text = lower_word(value);
    if (text == "true" || text == "false") return text == "true";
    if (const auto number = count_of(value)) return *number != 0;
    return std::nullopt;
}

std::optional<TimePoint> time_of(const json::value& value) {
    if (const auto* number = value.if_int64()) return from_seconds(*number);
    if (const auto* number = value.if_double(); number != nullptr && *number > 0 && *number < 9e15)
        return from_seconds(static_cast<std::int64_t>(*number));
    if (const auto* text = value.if_string()) return parse_time_text(view(*text));
    return std::nullopt;
}

std::optional<TimePoint> parse_time_text(std::string_view text) {
    if (const auto seconds = whole_number<std::int64_t>(text)) return from_seconds(*seconds);
    // ISO 8601: 2026-11-22T08:30:00[.123][Z|+01:00]; without a zone it is taken as UTC. From seconds without
    // a zone to nanoseconds with one.
    if (text.size() < 19 || text.size() > 40) return std::nullopt;
    auto time = parse_utc_text(std::string(text.substr(0, 19)) + "Z");
    if (!time) return std::nullopt;
    text.remove_prefix(19);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        const std::size_t digits = text.find_first_not_of("0123456789");
        text.remove_prefix(digits == std::string_view::npos ? text.size() : digits);
    }
    if (text.empty() || text == "Z") return in_range(*time);
    // A zone is +hh:mm or -hh:mm.
    const char sign = text.front();
    const auto hours = text.size() == 6 && text[3] == ':' ? two_digits(text.substr(1, 2)) : std::nullopt;
    const auto minutes = text.size() == 6 ? two_digits(text.substr(4, 2)) : std::nullopt;
    if ((sign != '+' && sign != '-') || !hours || !minutes || *hours > 14 || *minutes > 59)
        return std::nullopt;
    const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return in_range(sign == '+' ? *time - offset : *time + offset);
}

}  // namespace batchd::provider
